using System.Globalization;
using System.Text;
using Vms.Testing.Footage;

namespace Vms.LiveLoad;

/// <summary>Low-Latency HLS as a player does it: blocking reload of the playlist, then the parts it does not have; one request at a time.</summary>
internal sealed class HlsViewer : TcpViewer
{
    private readonly Uri _playlist;
    private readonly string _folder;
    private readonly Queue<string> _parts = new();
    private (long Segment, int Part) _taken;
    private string _reload = "";
    private bool _isPlaylist;

    public HlsViewer(Uri playlist)
        : base(playlist)
    {
        _playlist = playlist;
        _folder = playlist.AbsolutePath[..(playlist.AbsolutePath.LastIndexOf('/') + 1)];
        Ask();
    }

    /// <summary>The media playlist that the entry page names.</summary>
    public static async Task<Uri> EnterAsync(HttpClient http, Uri entry) =>
        new(entry, (await http.GetStringAsync(entry)).Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);

    protected override int Take(ReadOnlySpan<byte> bytes)
    {
        int head = bytes.IndexOf("\r\n\r\n"u8) + 4;
        if (head < 4)
            return 0;
        if (!bytes.StartsWith("HTTP/1.1 200"u8))
        {
            Failure = Encoding.ASCII.GetString(bytes[..head]);
            return head;
        }

        int length = LengthIn(bytes[..head]);
        if (bytes.Length < head + length)
            return 0;
        var body = bytes.Slice(head, length);
        if (_isPlaylist)
            TakePlaylist(Encoding.ASCII.GetString(body));
        else
            TakePart(body);
        if (Failure is null)
            Ask();
        return head + length;
    }

    private static int LengthIn(ReadOnlySpan<byte> head)
    {
        var name = "\r\nContent-Length: "u8;
        int at = head.IndexOf(name) + name.Length;
        return at < name.Length ? 0 : int.Parse(head[at..(at + head[at..].IndexOf((byte)'\r'))], CultureInfo.InvariantCulture);
    }

    private void TakePlaylist(string text)
    {
        bool isFirst = _taken == default;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            bool isPart = line.StartsWith("#EXT-X-PART:");
            if (!isPart && !line.StartsWith("#EXT-X-PRELOAD-HINT:"))
                continue;
            int at = line.IndexOf("URI=\"") + 5;
            string file = line[at..(at + line[at..].IndexOf('"'))].ToString();
            var numbers = file.Split('.');
            var named = (long.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
            if (!isPart)
            {
                _reload = $"?_HLS_msn={named.Item1}&_HLS_part={named.Item2}";
            }
            else if (named.CompareTo(_taken) > 0)
            {
                _taken = named;
                if (!isFirst)       // begins at the live edge
                    _parts.Enqueue(file);
            }
        }
    }

    private void TakePart(ReadOnlySpan<byte> body)
    {
        for (int at; FrameStamp.TryFind(body, out var stamp); body = body[at..])
        {
            Count(stamp);
            at = body.IndexOf("VMSSIM c="u8) + 1;
        }
    }

    private void Ask()
    {
        _isPlaylist = !_parts.TryDequeue(out var file);
        string path = _isPlaylist ? _playlist.AbsolutePath + _reload : _folder + file;
        Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {_playlist.Authority}\r\nAccept: */*\r\nUser-Agent: live-load\r\n\r\n"));
    }
}
