using System.Globalization;
using System.Text.Unicode;
using Vms.Containers.Hls;
using Vms.Media.Egress.Cmaf;

namespace Vms.Media.Egress.Hls;

/// <summary>What is sent: the same heads and bodies as <see cref="HlsEndpoints"/> and <see cref="SegmentEndpoints"/> send by Kestrel.</summary>
internal sealed partial class HlsServer
{
    private const string NoCache = "no-cache\r\nVary: Accept-Encoding";

    /// <param name="isOver">Nothing more is waited for.</param>
    /// <returns>False: not yet.</returns>
    private bool TryAnswer(HlsConnection connection, bool isOver)
    {
        var window = connection.Window!;
        if (connection.File == HlsFile.Playlist)
        {
            bool has = connection.Number is { } number ? window.Has(number, connection.Part) : window.HasSegment;
            if (!has && !isOver)
                return false;
            AddPlaylist(connection, window.Playlist(connection.Skip));
            return true;
        }

        switch (window.TryTake(connection.Number!.Value, connection.Part!.Value, out var part))
        {
            case PartOutcome.Found:
                AddHead(connection, part!.Bytes, SegmentEndpoints.MediaType, SegmentEndpoints.Immutable, isCompressed: false);
                Add(connection, part);
                return true;
            case PartOutcome.Coming when !isOver:
                return false;
            default:
                Refuse(connection, "404 Not Found", """{"type":"about:blank","title":"There is no such segment, or no longer","status":404,"code":"segmentNotFound"}"""u8);
                return true;
        }
    }

    private static bool TryBeginPart(HlsConnection connection, CmafWindow window)
    {
        switch (window.TryTake(connection.Number!.Value, connection.Part!.Value, out var part))
        {
            case PartOutcome.Found:
                part!.Release();        // taken again when the request is
                return true;
            case PartOutcome.Coming:
                return true;
            default:
                return false;
        }
    }

    /// <summary>A segment that still grows is sent as it comes, by Kestrel.</summary>
    private bool TryTakeSegment(HlsConnection connection, CmafWindow window)
    {
        long number = connection.Number!.Value;
        if (window.LengthOf(number, SegmentTracks.All) is not { } length)
            return false;
        AddHead(connection, (int)length, SegmentEndpoints.MediaType, SegmentEndpoints.Immutable, isCompressed: false);
        while (window.TryTake(number, connection.Parts.Count, out var part) == PartOutcome.Found)
            Add(connection, part!);
        if (window.HasEnded(number, connection.Parts.Count))
            return true;
        connection.ReleaseAnswer();     // it has just left the window
        return false;
    }

    private bool TryTakeInit(HlsConnection connection, CmafWindow window)
    {
        if (window.Init(connection.Number!.Value, SegmentTracks.All) is not { } init)
            return false;
        AddHead(connection, init.Length, SegmentEndpoints.MediaType, SegmentEndpoints.Immutable, isCompressed: false);
        connection.Pieces.Add(init);
        return true;
    }

    private void AddPlaylist(HlsConnection connection, RenderedPlaylist? playlist)
    {
        if (playlist is null)
        {
            Refuse(connection, "503 Service Unavailable\r\nRetry-After: 2", """{"type":"about:blank","title":"The camera sends no picture yet","status":503,"code":"streamNotReady"}"""u8);
            return;
        }

        bool isCompressed = connection.AcceptsGzip && playlist.Gzip is not null;
        var body = isCompressed ? playlist.Gzip! : playlist.Text;
        AddHead(connection, body.Length, HlsLivePlaylist.ContentType, NoCache, isCompressed);
        connection.Pieces.Add(body);
    }

    private static void Add(HlsConnection connection, CmafPart part)
    {
        connection.Parts.Add(part);
        foreach (var chunk in part.Chunks)
            connection.Pieces.Add(chunk.Payload);
    }

    private void AddHead(HlsConnection connection, int length, string mediaType, string cacheControl, bool isCompressed)
    {
        connection.BodyLength = length;
        Write(connection, "200 OK", length, mediaType, isCompressed ? $"{cacheControl}\r\nContent-Encoding: gzip" : cacheControl);
    }

    private void Refuse(HlsConnection connection, string status, ReadOnlySpan<byte> problem)
    {
        Write(connection, status, problem.Length, "application/problem+json", "no-store");
        connection.Pieces.Add(problem.ToArray());
    }

    private void Write(HlsConnection connection, string status, int length, string mediaType, string cacheControl)
    {
        if (!Utf8.TryWrite(connection.Head, CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nContent-Type: {mediaType}\r\nDate: {_time.GetUtcNow():R}\r\nAccess-Control-Allow-Origin: *\r\nCache-Control: {cacheControl}\r\n\r\n",
            out int written))
            throw new InvalidOperationException("The head of an HLS answer is longer than its room");
        connection.Pieces.Add(connection.Head.AsMemory(0, written));
    }
}
