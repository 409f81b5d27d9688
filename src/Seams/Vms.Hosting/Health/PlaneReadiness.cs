using System.Collections.Concurrent;

namespace Vms.Hosting;

/// <summary>What a plane still waits for. Ready when every named dependency is; not ready is not unhealthy: the plane works on
/// with what it has.</summary>
public sealed class PlaneReadiness
{
    private readonly ConcurrentDictionary<string, string> _waiting = new();

    public bool IsReady => _waiting.IsEmpty;

    /// <summary>Names the dependencies that are not ready, each with a sentence for the operator.</summary>
    public IReadOnlyDictionary<string, string> Waiting => _waiting;

    public void Set(string dependency, bool ready, string? reason = null)
    {
        if (ready)
            _waiting.TryRemove(dependency, out _);
        else
            _waiting[dependency] = reason ?? "not ready yet";
    }
}
