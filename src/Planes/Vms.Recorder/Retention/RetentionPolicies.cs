using System.Collections.Concurrent;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Retention;

/// <summary>The policy of each stream that is or was recorded. A stream that nobody told about is only subject to free space. Any thread.</summary>
internal sealed class RetentionPolicies
{
    private readonly ConcurrentDictionary<(string CameraId, string Stream), RetentionPolicy> _policies = new();

    public void Set(string cameraId, string stream, RetentionPolicy policy) => _policies[(cameraId, stream)] = policy;

    /// <summary>What was fetched from a device is kept like what it stands in for.</summary>
    public bool TryGet(string cameraId, string stream, out RetentionPolicy policy) =>
        _policies.TryGetValue((cameraId, stream == PlaybackSegments.Device ? PlaybackRequest.DefaultStream : stream), out policy);
}
