namespace Vms.Control.Features.Layouts;

/// <summary>Body of <c>POST /api/layouts</c>, and what a merge patch is applied to.</summary>
/// <param name="Grid">1, 4, 9, 16 (so many equal cells) or custom.</param>
/// <param name="Columns">Of a custom grid, 1 to 16; otherwise it follows from the grid.</param>
/// <param name="Rows">Likewise.</param>
/// <param name="Shared">Everybody of the tenant has it; false: the owner alone.</param>
/// <param name="Order">Where it stands in the list; where equal, by name.</param>
/// <param name="Cells">In which a camera is shown; where there is none, nothing is.</param>
/// <param name="Generation">Patch only: refuse (409) when the layout changed since this generation was read.</param>
internal sealed record LayoutRequest(
    string? Name = null, string? Grid = null, int? Columns = null, int? Rows = null, bool? Shared = null, int? Order = null, IReadOnlyList<LayoutCell>? Cells = null,
    long? Generation = null);

/// <param name="X">Column of its left edge, from 0.</param>
/// <param name="Y">Row of its upper edge, from 0.</param>
/// <param name="Width">Columns that it spans; 1 when absent, and in every grid but a custom one.</param>
/// <param name="Height">Rows that it spans; likewise.</param>
/// <param name="CameraId">Null in an answer: the camera is none that the caller may see, or is gone.</param>
/// <param name="Stream">main, sub, or auto: what suits the size of the cell.</param>
/// <param name="Hidden">In answers to whoever may change a shared layout: a camera is in it that they do not see. The cell stays as it is, whether it is sent
/// back or not, and nothing else can be put there.</param>
internal sealed record LayoutCell(int X, int Y, string? CameraId, int? Width = null, int? Height = null, string? Stream = null, bool? Hidden = null);
