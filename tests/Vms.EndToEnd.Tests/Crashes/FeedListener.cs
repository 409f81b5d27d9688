using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using Vms.EndToEnd.Tests.Product;

namespace Vms.EndToEnd.Tests.Crashes;

/// <summary>Hears the live feed and counts how often each event is told there.</summary>
internal sealed class FeedListener : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, int> _heard = new(StringComparer.Ordinal);
    private Task _listening = Task.CompletedTask;
    private long _heardAt = TimeProvider.System.GetTimestamp();

    private FeedListener()
    {
    }

    /// <summary>By the event's id: as the feed says it, but for what it says again because a still was taken or it is over.</summary>
    public IReadOnlyDictionary<string, int> Heard => _heard;

    /// <summary>Since something was said last.</summary>
    public TimeSpan Quiet => TimeProvider.System.GetElapsedTime(Volatile.Read(ref _heardAt));

    public static async Task<FeedListener> StartAsync(ProductRun product)
    {
        var ticket = (await product.Api.PostAsync("/api/tickets", new { kind = "ws" }))["ticket"]!.GetValue<string>();
        var listener = new FeedListener();
        await listener._socket.ConnectAsync(new Uri($"ws://127.0.0.1:{product.HttpPort}/api/ws?ticket={Uri.EscapeDataString(ticket)}"), CancellationToken.None);
        listener._listening = listener.ListenAsync();
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _listening;
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[64 << 10];        // no message is larger
        try
        {
            while (true)
            {
                int length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), _end.Token);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                using var said = JsonDocument.Parse(buffer.AsMemory(0, length));
                if (said.RootElement.GetProperty("type").GetString() != "event")
                    continue;
                Volatile.Write(ref _heardAt, TimeProvider.System.GetTimestamp());
                _heard.AddOrUpdate(said.RootElement.GetProperty("event").GetProperty("id").GetString()!, 1, (_, times) => times + 1);
            }
        }
        catch (OperationCanceledException)
        {
            return;     // the test is over
        }
    }
}
