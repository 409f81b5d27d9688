using Microsoft.AspNetCore.Http.HttpResults;
using Vms.Hosting;

namespace Vms.Control.Features.Layouts;

/// <summary>Turns a request into a layout, or into the list of everything that is wrong with it.</summary>
internal static class LayoutRules
{
    /// <summary>Of one tenant, everybody's together.</summary>
    public const int MaxLayouts = 10_000;

    /// <summary>Columns and rows of a custom grid.</summary>
    private const int MaxSide = 16;

    private const int MaxNameLength = 64;

    private static readonly string[] s_streams = ["auto", "main", "sub"];

    public static ProblemHttpResult NotFound() => Problems.NotFound("layoutNotFound", "There is no such layout");

    public static LayoutSettings Check(LayoutRequest request, List<FieldProblem> problems)
    {
        var name = request.Name?.Trim() ?? "";
        if (name.Length == 0)
            problems.Add(new FieldProblem("name", "required", "A name is required"));
        else if (name.Length > MaxNameLength || name.Any(char.IsControl))
            problems.Add(new FieldProblem("name", "tooLong", $"Use at most {MaxNameLength} printable characters"));

        var grid = request.Grid ?? "4";
        int? side = grid switch { "1" => 1, "4" => 2, "9" => 3, "16" => 4, _ => null };
        if (side is null && grid != "custom")
            problems.Add(new FieldProblem("grid", "invalidValue", "Use 1, 4, 9, 16 or custom"));
        var columns = Side(request.Columns, side, grid, "columns", problems);
        var rows = Side(request.Rows, side, grid, "rows", problems);
        return new LayoutSettings(name, grid, columns, rows, request.Shared ?? false, request.Order ?? 0, CheckCells(request.Cells ?? [], columns, rows, side, problems));
    }

    private static int Side(int? asked, int? fixedTo, string grid, string field, List<FieldProblem> problems)
    {
        if (fixedTo is { } side)
        {
            if (asked is not null && asked != side)
                problems.Add(new FieldProblem(field, "notOfGrid", $"The grid {grid} has {side}; leave it out, or use custom"));
            return side;
        }

        if (asked is null)
            problems.Add(new FieldProblem(field, "required", "A custom grid needs it"));
        else if (asked is < 1 or > MaxSide)
            problems.Add(new FieldProblem(field, "outOfRange", $"Use 1 to {MaxSide}"));
        return Math.Clamp(asked ?? 1, 1, MaxSide);
    }

    private static List<LayoutCell> CheckCells(IReadOnlyList<LayoutCell> cells, int columns, int rows, int? side, List<FieldProblem> problems)
    {
        var taken = new bool[columns, rows];
        var checkedCells = new List<LayoutCell>();
        if (cells.Count > columns * rows)
        {
            problems.Add(new FieldProblem("cells", "tooMany", $"The grid has {columns * rows} places"));
            return checkedCells;
        }

        for (var i = 0; i < cells.Count; i++)
        {
            if (cells[i] is not { } cell)
            {
                problems.Add(new FieldProblem($"cells[{i}]", "required", "Expected an object"));
                continue;
            }

            var (width, height, stream) = (cell.Width ?? 1, cell.Height ?? 1, cell.Stream ?? "auto");
            if (!s_streams.Contains(stream))
                problems.Add(new FieldProblem($"cells[{i}].stream", "invalidValue", $"Use {string.Join(" or ", s_streams)}"));
            if (side is not null && (width, height) != (1, 1))
                problems.Add(new FieldProblem($"cells[{i}]", "notOfGrid", "Cells span more than one place in a custom grid alone"));
            else if (width < 1 || height < 1 || cell.X < 0 || cell.Y < 0 || width > columns - cell.X || height > rows - cell.Y)
                problems.Add(new FieldProblem($"cells[{i}]", "outsideGrid", $"It reaches out of the {columns} × {rows} places"));
            else if (!Take(taken, cell.X, cell.Y, width, height))
                problems.Add(new FieldProblem($"cells[{i}]", "overlaps", "Another cell is there already"));
            checkedCells.Add(new LayoutCell(cell.X, cell.Y, string.IsNullOrEmpty(cell.CameraId) ? null : cell.CameraId, width, height, stream));
        }

        return checkedCells;
    }

    /// <summary>False when one of the places was taken before. Within the grid only.</summary>
    private static bool Take(bool[,] taken, int x, int y, int width, int height)
    {
        var free = true;
        for (var column = x; column < x + width; column++)
        {
            for (var row = y; row < y + height; row++)
            {
                free &= !taken[column, row];
                taken[column, row] = true;
            }
        }

        return free;
    }
}

/// <summary>What the owner wants of a layout, checked.</summary>
internal sealed record LayoutSettings(string Name, string Grid, int Columns, int Rows, bool Shared, int Order, IReadOnlyList<LayoutCell> Cells)
{
    public string[] CameraIds => [.. Cells.Select(c => c.CameraId).OfType<string>().Distinct()];
}
