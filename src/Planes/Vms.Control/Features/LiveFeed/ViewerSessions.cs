using System.Collections.Concurrent;
using Vms.Control.Auth;

namespace Vms.Control.Features.LiveFeed;

/// <summary>The WebRTC sessions that one connection asked for: it may answer and close these and no others.</summary>
/// <param name="signInId">Null for an API key.</param>
/// <param name="address">Of the browser.</param>
internal sealed class ViewerSessions(Principal user, Guid? signInId, string? address)
{
    public const int Max = 64;

    private readonly ConcurrentDictionary<string, string> _cameraBySession = new(StringComparer.Ordinal);

    public Principal User { get; } = user;

    public Guid? SignInId => signInId;

    public string? Address => address;

    public bool IsFull => _cameraBySession.Count >= Max;

    public IReadOnlyCollection<string> Ids => [.. _cameraBySession.Keys];

    /// <summary>Those of cameras that such rights do not let be watched.</summary>
    public IReadOnlyCollection<string> NotFor(Rights rights) =>
        [.. from s in _cameraBySession where !rights.Allows(Permissions.LiveView, s.Value) select s.Key];

    public void Add(string sessionId, string cameraId) => _cameraBySession[sessionId] = cameraId;

    public bool Has(string sessionId) => _cameraBySession.ContainsKey(sessionId);

    public bool Remove(string sessionId) => _cameraBySession.TryRemove(sessionId, out _);
}
