using Vms.Codecs.H264;
using Vms.Containers.Flv;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Containers.Tests.Flv;

public sealed class FlvVideoReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(977)]
    [InlineData(1 << 20)]
    public async Task What_ffmpeg_writes_is_read_picture_by_picture_however_it_arrives(int piece)
    {
        var bytes = await FlvAsync();
        var reader = new FlvVideoReader();
        var times = new List<long>();
        int keyframes = 0, configurations = 0, nals = 0;
        for (int at = 0; at < bytes.Length;)
        {
            int count = Math.Min(Math.Min(piece, reader.Room.Length), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(reader.Room.Span);
            reader.Filled(count);
            at += count;
            FlvRead read;
            while ((read = reader.TryRead(out var payload)) != FlvRead.Incomplete)
            {
                Assert.NotEqual(FlvRead.Malformed, read);
                if (read == FlvRead.Configuration)
                {
                    Assert.True(AvcDecoderConfiguration.TryParse(payload.ToArray(), out _));
                    configurations++;
                    continue;
                }

                times.Add(reader.PresentationMs);
                keyframes += reader.IsKeyframe ? 1 : 0;
                foreach (var nal in new NalUnits(payload))
                    nals += nal.IsEmpty ? 0 : 1;
            }
        }

        Assert.Equal((1, 50, 2), (configurations, times.Count, keyframes));
        Assert.True(nals >= 50);
        Assert.Equal(50, times.Distinct().Count());
        Assert.False(times.SequenceEqual(times.Order()));       // B-frames: decoding order
        Assert.Equal(49 * 40, times.Max() - times.Min());
    }

    [Fact]
    public async Task Any_bytes_are_taken()
    {
        var good = await FlvAsync();
        var random = new Random(20_261_128);
        for (int round = 0; round < 300; round++)
        {
            var bytes = good.AsSpan(0, random.Next(1, 20_000)).ToArray();
            for (int flips = random.Next(0, 30); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var reader = new FlvVideoReader();
            for (int at = 0; at < bytes.Length;)
            {
                int count = Math.Min(Math.Min(random.Next(1, 5000), reader.Room.Length), bytes.Length - at);
                bytes.AsSpan(at, count).CopyTo(reader.Room.Span);
                reader.Filled(count);
                at += count;
                while (reader.TryRead(out _) is FlvRead.Configuration or FlvRead.Picture)
                {
                }
            }
        }
    }

    [Fact]
    public void What_is_no_FLV_is_said_to_be_none()
    {
        var reader = new FlvVideoReader();
        "<html><body>not found"u8.CopyTo(reader.Room.Span);
        reader.Filled(21);
        Assert.Equal(FlvRead.Malformed, reader.TryRead(out _));
    }

    private static async Task<byte[]> FlvAsync()
    {
        using var directory = new TestDirectory();
        await ChildProcess.RunAsync("ffmpeg",
        [
            "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", "2", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-sc_threshold", "0",
            "-bf", "2", "-x264-params", "b-adapt=0", "-flvflags", "no_duration_filesize", "-f", "flv", directory["a.flv"],
        ]);
        return await File.ReadAllBytesAsync(directory["a.flv"]);
    }
}
