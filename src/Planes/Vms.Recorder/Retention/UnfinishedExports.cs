using Vms.Contracts.Recorder;

namespace Vms.Recorder.Retention;

/// <summary>What exports have yet to read. The queue of exports says it; retention asks for every segment that a rule wants deleted. Any thread.</summary>
internal sealed class UnfinishedExports
{
    private volatile Wanted[] _wanted = [];

    /// <param name="unfinished">Waiting, and the one that is made.</param>
    public void Replace(IEnumerable<ExportSpec> unfinished) => _wanted =
    [
        .. from export in unfinished
           let @from = DateTimeOffset.FromUnixTimeMilliseconds(export.FromUnixMs)
           let to = DateTimeOffset.FromUnixTimeMilliseconds(export.ToUnixMs)
           from camera in export.Cameras
           select new Wanted(camera.Id, @from, to),
    ];

    /// <summary>Is any of this stretch still to be exported?</summary>
    public bool Want(string cameraId, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var wanted in _wanted)
        {
            if (wanted.CameraId == cameraId && wanted.From < to && wanted.To > from)
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Wanted(string CameraId, DateTimeOffset From, DateTimeOffset To);
}
