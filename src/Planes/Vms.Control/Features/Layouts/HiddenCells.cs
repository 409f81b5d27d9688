using Vms.Hosting;

namespace Vms.Control.Features.Layouts;

/// <summary>Cells of a shared layout with cameras that whoever changes it does not see: they stay, in their places.</summary>
internal static class HiddenCells
{
    /// <summary>The request with them in it. A cell that is sent back as it was shown, empty, is the one that stands there.</summary>
    public static LayoutRequest Keep(LayoutRequest request, IReadOnlyList<LayoutCell> hidden, List<FieldProblem> problems)
    {
        var sent = request.Cells ?? [];
        var kept = new List<LayoutCell>();
        for (var i = 0; i < sent.Count; i++)
        {
            // What is no cell is somebody else's to complain about.
            if (sent[i] is not { } cell || hidden.FirstOrDefault(h => Overlap(h, cell)) is not { } other)
                kept.Add(sent[i]);
            else if (!IsSamePlace(other, cell) || (cell.CameraId ?? other.CameraId) != other.CameraId)
                problems.Add(new FieldProblem($"cells[{i}]", "hiddenCamera", "A camera that you do not see stands there; it stays"));
        }

        return request with { Cells = [.. kept, .. hidden] };
    }

    /// <summary>What of them the grid that is asked for has no place for.</summary>
    public static FieldProblem? OutsideOf(IEnumerable<LayoutCell> hidden, LayoutSettings wanted) =>
        hidden.Any(h => h.X + WidthOf(h) > wanted.Columns || h.Y + HeightOf(h) > wanted.Rows || (wanted.Grid != "custom" && (WidthOf(h) > 1 || HeightOf(h) > 1)))
            ? new FieldProblem("grid", "hiddenCamera", "Cameras that you do not see stand in places that this grid does not have; they stay")
            : null;

    private static bool IsSamePlace(LayoutCell a, LayoutCell b) => (a.X, a.Y, WidthOf(a), HeightOf(a)) == (b.X, b.Y, WidthOf(b), HeightOf(b));

    private static bool Overlap(LayoutCell a, LayoutCell b) =>
        a.X < (long)b.X + WidthOf(b) && b.X < (long)a.X + WidthOf(a) && a.Y < (long)b.Y + HeightOf(b) && b.Y < (long)a.Y + HeightOf(a);

    private static int WidthOf(LayoutCell cell) => cell.Width ?? 1;

    private static int HeightOf(LayoutCell cell) => cell.Height ?? 1;
}
