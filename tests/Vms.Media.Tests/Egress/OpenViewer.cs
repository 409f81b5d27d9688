using System.Net;
using System.Net.WebSockets;
using System.Text;
using Vms.Media.Tests.Egress.Rtsp;

namespace Vms.Media.Tests.Egress;

/// <summary>Somebody who watches in one of the ways that keep a connection, reduced to what all of them have.</summary>
internal sealed class OpenViewer : IAsyncDisposable
{
    private readonly Func<ValueTask> _dispose;
    private readonly Func<long> _received;
    private readonly Func<bool> _isEnded;
    private readonly Func<bool> _isWhole;

    private OpenViewer(Func<long> received, Func<bool> isEnded, Func<bool> isWhole, Func<ValueTask> dispose) =>
        (_received, _isEnded, _isWhole, _dispose) = (received, isEnded, isWhole, dispose);

    /// <summary>Frames, fragments or bytes.</summary>
    public long Received => _received();

    /// <summary>The plane has told it that there is no more, or has closed.</summary>
    public bool IsEnded => _isEnded();

    /// <summary>Nothing was left out of what it got.</summary>
    public bool IsWhole => _isWhole();

    /// <param name="kind">webrtc, mse, rtsp or mjpeg.</param>
    /// <exception cref="HttpRequestException">Refused; the status is in it.</exception>
    public static async Task<OpenViewer> OpenAsync(EgressHost host, string kind, string camera, string ticket)
    {
        var viewer = kind switch
        {
            "webrtc" => await OverWebRtcAsync(host, camera, ticket),
            "mse" => await OverMseAsync(host, camera, ticket),
            "rtsp" => await OverRtspAsync(host, camera, ticket),
            _ => await OverMjpegAsync(host, camera, ticket),
        };
        return viewer;
    }

    public ValueTask DisposeAsync() => _dispose();

    private static async Task<OpenViewer> OverWebRtcAsync(EgressHost host, string camera, string ticket)
    {
        var peer = await WebRtcPeer.JoinAsync(host, camera, ticket: ticket);
        return new OpenViewer(() => peer.Frames, () => peer.SaidGoodbye, () => peer.Holes == 0, () =>
        {
            peer.Dispose();
            return ValueTask.CompletedTask;
        });
    }

    private static async Task<OpenViewer> OverRtspAsync(EgressHost host, string camera, string ticket)
    {
        var peer = await RtspPeer.PlayAsync(host, camera, ticket);
        return new OpenViewer(() => peer.Frames, () => peer.GotGoodbye && peer.IsClosed, () =>
        {
            var packets = peer.Packets.ToArray();
            return packets.Zip(packets.Skip(1)).All(p => (ushort)(p.First.Sequence + 1) == p.Second.Sequence);
        }, peer.DisposeAsync);
    }

    private static async Task<OpenViewer> OverMseAsync(EgressHost host, string camera, string ticket)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(host.Mse(camera, ticket), CancellationToken.None);
        }
        catch (WebSocketException e)
        {
            throw new HttpRequestException(e.Message, e, socket.HttpStatusCode);
        }

        await socket.SendAsync(Encoding.UTF8.GetBytes("""{"type":"mse","value":"avc1.640029"}"""), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        long fragments = 0;
        var reading = ReadAsync();
        return new OpenViewer(
            () => Interlocked.Read(ref fragments),
            () => reading.IsCompleted && socket is { CloseStatus: WebSocketCloseStatus.PolicyViolation, CloseStatusDescription: "accessRevoked" },
            () => host.Egress.Mse.Streams.Single(s => s.Stream.CameraId == camera).Viewers.All(v => v.FragmentsDropped == 0),
            async () =>
            {
                socket.Abort();
                await reading;
                socket.Dispose();
            });

        async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } part)
                    Interlocked.Add(ref fragments, part.EndOfMessage ? 1 : 0);
                await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }

    private static async Task<OpenViewer> OverMjpegAsync(EgressHost host, string camera, string ticket)
    {
        var response = await host.Http.GetAsync(host.Mjpeg(camera, ticket), HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            using (response)
                response.EnsureSuccessStatusCode();
        }

        var body = await response.Content.ReadAsStreamAsync();
        long bytes = 0;
        var reading = ReadAsync();
        return new OpenViewer(() => Interlocked.Read(ref bytes), () => reading.IsCompleted, () => true, async () =>
        {
            response.Dispose();
            await reading;
        });

        async Task ReadAsync()
        {
            var buffer = new byte[64 * 1024];
            try
            {
                while (await body.ReadAsync(buffer) is > 0 and var count)
                    Interlocked.Add(ref bytes, count);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }
}
