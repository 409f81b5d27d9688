namespace Vms.Control.Data;

/// <summary>A piece of a list; <c>NextCursor</c> is null on the last one.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

internal static class Page
{
    /// <param name="rows">One more than <paramref name="take"/> when there is a next page.</param>
    public static Page<TView> Of<TRow, TView>(List<TRow> rows, int take, Func<TRow, TView> view, Func<TRow, string> cursorAfter) =>
        new([.. rows.Take(take).Select(view)], rows.Count > take ? cursorAfter(rows[take - 1]) : null);
}
