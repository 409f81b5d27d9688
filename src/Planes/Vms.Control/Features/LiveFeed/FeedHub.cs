using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Vms.Control.Auth;

namespace Vms.Control.Features.LiveFeed;

/// <summary>Everybody who listens on <c>/api/ws</c>, in groups of those who may see the same: a message is decided about once a group and serialised
/// once for all of them. Any thread.</summary>
internal sealed class FeedHub
{
    private readonly JsonSerializerOptions _json;
    private readonly RightsState _rights;
    private readonly SignIns _signIns;
    private readonly FeedMetrics _metrics;
    private readonly Lock _gate = new();
    private readonly Dictionary<FeedQueue, Listener> _listeners = [];
    private volatile Group[] _groups = [];

    public FeedHub(IOptions<JsonOptions> json, RightsState rights, SignIns signIns, FeedMetrics metrics)
    {
        (_json, _rights, _signIns, _metrics) = (json.Value.SerializerOptions, rights, signIns, metrics);
        metrics.Watch(() => Listeners);
    }

    private sealed record Group(Rights Rights, FeedQueue[] Queues);

    private sealed record Listener(Guid PrincipalId, Guid? SignInId, Rights Rights);

    public int Listeners
    {
        get
        {
            lock (_gate)
                return _listeners.Count;
        }
    }

    /// <param name="signInId">With its end the feed ends; null for an API key.</param>
    public FeedQueue Join(Principal who, Guid? signInId)
    {
        var queue = new FeedQueue();
        lock (_gate)
        {
            _listeners[queue] = new Listener(who.Id, signInId, _rights.Current?.Find(who.Id)?.Rights ?? who.Rights);
            Regroup();
        }

        return queue;
    }

    public void Leave(FeedQueue queue)
    {
        lock (_gate)
        {
            if (_listeners.Remove(queue))
                Regroup();
            if (queue.End?.Name is { } reason)
                _metrics.CutOff(reason);
        }
    }

    /// <summary>For whoever has the permission for the camera.</summary>
    public void Publish<T>(T message, string permission, string? cameraId, string? siteId) =>
        Publish(message, rights => rights.Sees(permission, cameraId, siteId));

    /// <summary>For those whose rights say so.</summary>
    public void Publish<T>(T message, Func<Rights, bool> isFor)
    {
        byte[]? bytes = null;
        foreach (var group in _groups)
        {
            if (!isFor(group.Rights))
                continue;
            bytes ??= Serialize(message);
            foreach (var queue in group.Queues)
                queue.TryAdd(bytes);
            _metrics.Queued(group.Queues.Length, bytes.Length);
        }
    }

    /// <summary>For one person alone.</summary>
    /// <param name="unless">Their rights say that they heard it already.</param>
    public void PublishTo<T>(T message, Guid principalId, Func<Rights, bool> unless)
    {
        lock (_gate)
        {
            foreach (var (queue, listener) in _listeners)
            {
                if (listener.PrincipalId == principalId && !unless(listener.Rights))
                    queue.TryAdd(Serialize(message));
            }
        }
    }

    /// <summary>Rights were read anew, or a sign-in ended: whoever lost everything is cut off; the others are told about the cameras that they see now and that they do
    /// not see any more.</summary>
    /// <param name="stateOf">Null for a camera that was deleted.</param>
    public void Recheck(Func<string, CameraStateMessage?> stateOf)
    {
        if (_rights.Current is not { } snapshot)
            return;
        lock (_gate)
        {
            var told = new Dictionary<(Rights Before, Rights Now), List<byte[]>>();
            foreach (var (queue, listener) in _listeners.ToList())
            {
                if (snapshot.Find(listener.PrincipalId) is not { Enabled: true } who || (listener.SignInId is { } signIn && _signIns.HasEnded(signIn)))
                {
                    queue.Close(FeedEnd.SignedOut);
                    continue;
                }

                if (ReferenceEquals(who.Rights, listener.Rights))
                    continue;
                _listeners[queue] = listener with { Rights = who.Rights };
                if (!told.TryGetValue((listener.Rights, who.Rights), out var difference))
                    told.Add((listener.Rights, who.Rights), difference = Difference(listener.Rights, who.Rights, stateOf));
                foreach (var message in difference)
                    queue.TryAdd(message);
                queue.RightsChanged?.Invoke(who.Rights);
            }

            Regroup();
        }
    }

    public byte[] Serialize<T>(T message) => JsonSerializer.SerializeToUtf8Bytes(message, _json);

    private List<byte[]> Difference(Rights before, Rights now, Func<string, CameraStateMessage?> stateOf)
    {
        var (had, has) = (before.Cameras.ToHashSet(StringComparer.Ordinal), now.Cameras.ToHashSet(StringComparer.Ordinal));
        var messages = new List<byte[]>();
        foreach (var id in had.Where(id => !has.Contains(id)))
            messages.Add(Serialize(new CameraRemovedMessage(id)));
        foreach (var id in has.Where(id => !had.Contains(id)))
        {
            if (stateOf(id) is { } state)
                messages.Add(Serialize(state));
        }

        return messages;
    }

    private void Regroup() =>
        _groups = [.. _listeners.GroupBy(l => l.Value.Rights, l => l.Key).Select(g => new Group(g.Key, [.. g]))];
}
