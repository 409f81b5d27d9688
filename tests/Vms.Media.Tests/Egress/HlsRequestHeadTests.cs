using System.Text;
using System.Text.RegularExpressions;
using Vms.Media.Egress.Hls;

namespace Vms.Media.Tests.Egress;

/// <summary>Which requests HLS answers without Kestrel: the ones that cannot be meant otherwise.</summary>
public sealed partial class HlsRequestHeadTests
{
    private const string Usual = "GET /hls/cam_1/main/t/ab-C_9.x~y/live.m3u8?_HLS_msn=17&_HLS_part=3&_HLS_skip=YES HTTP/1.1\r\n"
        + "Host: 127.0.0.1:8554\r\nUser-Agent: x (y; z)\r\nAccept-Encoding: gzip, deflate\r\nConnection: Keep-Alive\r\n\r\n";

    [Fact]
    public void A_player_s_request_is_read()
    {
        Assert.True(HlsRequestHead.TryRead(Encoding.ASCII.GetBytes(Usual + "GET /next"), out var head));
        Assert.Equal(Usual.Length, head.Length);
        Assert.Equal("/hls/cam_1/main/t/ab-C_9.x~y/", Encoding.ASCII.GetString(head.Folder));
        Assert.Equal("1", Encoding.ASCII.GetString(head.CameraId));
        Assert.Equal("main", Encoding.ASCII.GetString(head.Stream));
        Assert.Equal("ab-C_9.x~y", Encoding.ASCII.GetString(head.Ticket));
        Assert.Equal("live.m3u8", Encoding.ASCII.GetString(head.File));
        Assert.Equal((17L, 3, true, true), (head.Number, head.Part, head.Skip, head.AcceptsGzip));
    }

    [Theory]
    [InlineData("GET ", "POST ")]
    [InlineData("GET ", "get ")]
    [InlineData("GET ", "GET  ")]
    [InlineData("HTTP/1.1", "HTTP/1.0")]
    [InlineData(" HTTP/1.1", "")]
    [InlineData("/hls/", "/dash/")]
    [InlineData("/hls/", "http://127.0.0.1/hls/")]
    [InlineData("cam_1", "cam_")]
    [InlineData("cam_1", "cam_%31")]
    [InlineData("/main/", "/../")]
    [InlineData("/main/", "/./")]
    [InlineData("/main/", "//")]
    [InlineData("/t/", "/u/")]
    [InlineData("live.m3u8?", "..?")]
    [InlineData("live.m3u8?", "x/live.m3u8?")]
    [InlineData("live.m3u8?", "?")]
    [InlineData("_HLS_msn=17&", "")]
    [InlineData("_HLS_msn=17", "_HLS_msn=-1")]
    [InlineData("_HLS_msn=17", "_HLS_msn=+1")]
    [InlineData("_HLS_msn=17", "_HLS_msn=1&_HLS_msn=2")]
    [InlineData("_HLS_msn=17", "_HLS_msn=9999999999999999999")]
    [InlineData("_HLS_part=3", "_HLS_part=4294967296")]
    [InlineData("_HLS_skip=YES", "_HLS_skip=NO")]
    [InlineData("_HLS_skip=YES", "ticket=other")]
    [InlineData("Host: 127.0.0.1:8554\r\n", "")]
    [InlineData("Host: 127.0.0.1:8554\r\n", "Host:\r\n")]
    [InlineData("Host: 127.0.0.1:8554\r\n", "Host: a\r\nHost: b\r\n")]
    [InlineData("Host: 127.0.0.1:8554\r\n", "Host: a/b\r\n")]
    [InlineData("Host: ", "Host : ")]
    [InlineData("Host: ", " Host: ")]
    [InlineData("Keep-Alive", "close")]
    [InlineData("Keep-Alive", "Upgrade")]
    [InlineData("\r\nUser-Agent", "\nUser-Agent")]
    [InlineData("\r\nUser-Agent", "\rUser-Agent")]
    [InlineData("User-Agent: x", "User-Agent: x\r\n continued")]
    [InlineData("User-Agent: x", "User-Agent: \0")]
    [InlineData("User-Agent: x", "User-Agent: \x7F")]
    [InlineData("User-Agent: x", "Content-Length: 0")]
    [InlineData("User-Agent: x", "Transfer-Encoding: chunked")]
    [InlineData("User-Agent: x", "Expect: 100-continue")]
    [InlineData("User-Agent: x", "Upgrade: websocket")]
    [InlineData("User-Agent: x", "range: bytes=0-1")]
    [InlineData("User-Agent: x", "no colon")]
    [InlineData("\r\n\r\n", "\r\n")]
    [InlineData("\r\n\r\n", "\n\n")]
    public void Anything_unusual_is_left_to_Kestrel(string usual, string unusual)
    {
        Assert.Contains(usual, Usual, StringComparison.Ordinal);
        Assert.False(HlsRequestHead.TryRead(Encoding.Latin1.GetBytes(Usual.Replace(usual, unusual, StringComparison.Ordinal)), out _));
    }

    [Fact]
    public void A_head_is_read_when_it_is_whole_and_not_too_long()
    {
        for (int length = 0; length < Usual.Length; length++)
            Assert.False(HlsRequestHead.TryRead(Encoding.ASCII.GetBytes(Usual[..length]), out _));
        string many = Usual.Replace("User-Agent: x (y; z)\r\n", string.Concat(Enumerable.Repeat("A: b\r\n", 100)), StringComparison.Ordinal);
        Assert.False(HlsRequestHead.TryRead(Encoding.ASCII.GetBytes(many), out _));
        string tall = Usual.Replace("User-Agent: x", "User-Agent: " + new string('x', HlsRequestHead.MaxLength), StringComparison.Ordinal);
        Assert.False(HlsRequestHead.TryRead(Encoding.ASCII.GetBytes(tall), out _));
    }

    /// <summary>Whatever the bytes: no exception, and what is taken for ours is a request that has one meaning.</summary>
    [Fact]
    public void Any_bytes_are_read_strictly_or_not_at_all()
    {
        var random = new Random(1);
        var usual = Encoding.ASCII.GetBytes(Usual);
        string[] scraps = ["\r\n", "\r", "\n", " ", ":", "/", "..", "?", "&", "%2e", "\0", "é", "Host: a\r\n", "Content-Length: 5\r\n", "_HLS_msn=1", "HTTP/1.1", "GET "];
        int read = 0;
        for (int i = 0; i < 200_000; i++)
        {
            var bytes = new List<byte>(usual);
            for (int change = random.Next(4); change > 0; change--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Next(20), bytes.Count - at));
                        break;
                    case 2:
                        bytes.InsertRange(at, Encoding.Latin1.GetBytes(scraps[random.Next(scraps.Length)]));
                        break;
                    default:
                        bytes.Insert(at, (byte)random.Next(32, 127));
                        break;
                }

                if (bytes.Count == 0)
                    bytes.Add(0);
            }

            var array = bytes.ToArray();
            if (!HlsRequestHead.TryRead(array, out var head))
                continue;
            read++;
            Assert.Matches(OneMeaning(), Encoding.Latin1.GetString(array, 0, head.Length));
        }

        Assert.InRange(read, 20_000, 190_000);
        var noise = new byte[600];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(noise);
            Encoding.ASCII.GetBytes("GET /hls/cam_").CopyTo(noise, 0);
            Assert.False(HlsRequestHead.TryRead(noise.AsSpan(0, random.Next(noise.Length)), out _));
        }
    }

    [GeneratedRegex(@"\AGET /hls/cam_[A-Za-z0-9_.~-]+/[A-Za-z0-9_.~-]+/t/[A-Za-z0-9_.~-]+/[A-Za-z0-9_.~-]+(\?[A-Za-z0-9_=&]*)? HTTP/1\.1\r\n"
        + @"(?!([^\r\n]*\r\n)*(?i:content-length|transfer-encoding|range|expect|upgrade)[ \t]*:)(?=([^\r\n]*\r\n)*(?i:host):)"
        + @"([!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7E]*\r\n)+\r\n\z")]
    private static partial Regex OneMeaning();
}
