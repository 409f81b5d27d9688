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
        for (int i = FirstAfter(beforeUs); reachedUs < afterUs;)
        {
            // As few as reach from one to the other: what two that overlap say of the same time would count twice.
            MotionGrid? farthest = null;
            for (; i < _handed.Count && _handed[i].BeforeUs <= reachedUs; i++)
            {
                var grid = _handed[i];
                if (grid.AfterUs - grid.BeforeUs <= longestUs && grid.AfterUs > (farthest?.AfterUs ?? reachedUs)) farthest = grid;
            }

            if (farthest is null) return null;
            reachedUs = farthest.AfterUs;
            if (farthest.IsWholePicture) continue;
            isWholePicture = false;
            Add(farthest, cells);
        }

        return MotionGrid.Of(beforeUs, afterUs, cells, isWholePicture, MotionSource.Analytics);
    }

    /// <summary>What changed a little in each of them may have changed much from the first keyframe to the last.</summary>
    private static void Add(MotionGrid grid, byte[] sum)
    {
        var cells = grid.Cells.Span;
        for (int cell = 0; cell < cells.Length; cell++)
            sum[cell] = (byte)Math.Min(byte.MaxValue, sum[cell] + cells[cell]);
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
