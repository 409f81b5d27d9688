using System.Collections.Concurrent;

namespace Vms.Recorder.ReadBack;

/// <summary>What a stream's last reading back came to.</summary>
/// <param name="At">When it was read.</param>
internal sealed record LastReadBack(DateTimeOffset At, FreshFragment Fragment, ReadBackVerdict Verdict);

/// <summary>The last reading back of every stream, for its status. Any thread; bounded by the streams there are.</summary>
internal sealed class ReadBackBook
{
    private readonly ConcurrentDictionary<(string CameraId, string Stream), LastReadBack> _last = new();

    public LastReadBack? Of(string cameraId, string stream) => _last.GetValueOrDefault((cameraId, stream));

    /// <summary>Streams whose last fragment was not what was recorded.</summary>
    public int Failing => _last.Values.Count(r => r.Verdict.IsFailure);

    public void Set(string cameraId, string stream, LastReadBack read) => _last[(cameraId, stream)] = read;

    /// <summary>Forgets streams that are not recorded any more.</summary>
    public void KeepOnly(IReadOnlyCollection<(string CameraId, string Stream)> streams)
    {
        foreach (var key in _last.Keys.Where(k => !streams.Contains(k)).ToList())
        {
            _last.TryRemove(key, out _);
        }
    }
}
