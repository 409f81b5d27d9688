using Vms.Hosting.Motion;

namespace Vms.Recorder.Motion;

/// <summary>
/// The grids that are there for a part of a camera's time, and which of them answer for two keyframes of a recording: the grid between these two, or, where the
/// analytics plane looked at the camera's other stream, those that together reach from one to the other. Immutable.
/// </summary>
internal sealed class KnownGrids
{
    private readonly Dictionary<(long, long), MotionGrid> _exact = [];
    private readonly List<MotionGrid> _handed;      // in order of time

    public KnownGrids(IReadOnlyCollection<MotionGrid> grids)
    {
        foreach (var grid in grids)
            _exact.TryAdd((grid.BeforeUs, grid.AfterUs), grid);
        _handed = [.. _exact.Values.Where(g => g.Source == MotionSource.Analytics).OrderBy(g => g.BeforeUs).ThenBy(g => g.AfterUs)];
    }

    /// <summary>What changed between two keyframes; null where that is not known for the whole time between them.</summary>
    public MotionGrid? Between(long beforeUs, long afterUs) =>
        _exact.TryGetValue((beforeUs, afterUs), out var grid) ? grid : Joined(beforeUs, afterUs);

    /// <summary>
    /// Keyframes of two streams do not come at the same time: what these grids say of a little before and behind counts as well. One much longer than the pair
    /// does not answer for it: a grid compares its two ends, and what came and went between them is not in it.
    /// </summary>
    private MotionGrid? Joined(long beforeUs, long afterUs)
    {
        long longestUs = Math.Max(afterUs - beforeUs, PictureComparison.LeastApartUs) * 3 / 2;
        byte[] cells = new byte[MotionGrid.CellCount];
        bool isWholePicture = true;
        long reachedUs = beforeUs;
        for (int i = FirstAfter(beforeUs); i < _handed.Count && _handed[i].BeforeUs < afterUs; i++)
        {
            var grid = _handed[i];
            if (grid.BeforeUs > reachedUs) return null;
            if (grid.AfterUs - grid.BeforeUs > longestUs) continue;     // others may reach over the same time
            reachedUs = Math.Max(reachedUs, grid.AfterUs);
            if (grid.IsWholePicture) continue;
            isWholePicture = false;
            for (int cell = 0; cell < grid.Cells.Length; cell++)
                cells[cell] = Math.Max(cells[cell], grid.Cells.Span[cell]);
        }

        return reachedUs < afterUs ? null : MotionGrid.Of(beforeUs, afterUs, cells, isWholePicture, MotionSource.Analytics);
    }

    /// <summary>The first grid that may reach behind a time: none is longer than that is sure.</summary>
    private int FirstAfter(long us)
    {
        int low = 0, high = _handed.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_handed[middle].BeforeUs <= us - HandedGrids.LongestUs) low = middle + 1;
            else high = middle;
        }

        while (low < _handed.Count && _handed[low].AfterUs <= us) low++;
        return low;
    }
}
