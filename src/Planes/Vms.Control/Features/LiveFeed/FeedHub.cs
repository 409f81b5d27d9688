using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Vms.Control.Features.LiveFeed;

/// <summary>Everybody who listens on <c>/api/ws</c>. A message is serialised once for all of them. Any thread.</summary>
internal sealed class FeedHub(IOptions<JsonOptions> json)
{
    private readonly ConcurrentDictionary<FeedQueue, FeedQueue> _queues = new();

    public int Listeners => _queues.Count;

    public FeedQueue Join()
    {
        var queue = new FeedQueue();
        _queues[queue] = queue;
        return queue;
    }

    public void Leave(FeedQueue queue) => _queues.TryRemove(queue, out _);

    public void Publish<T>(T message)
    {
        if (_queues.IsEmpty)
            return;
        var bytes = Serialize(message);
        foreach (var queue in _queues.Values)
            queue.TryAdd(bytes);
    }

    public byte[] Serialize<T>(T message) => JsonSerializer.SerializeToUtf8Bytes(message, json.Value.SerializerOptions);
}
