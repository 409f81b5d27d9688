using FsCheck;
using FsCheck.Fluent;
using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Containers.Tests.Mp4;

/// <summary>Fragments that fill their blocks, and files from before they did.</summary>
public sealed class WholeBlocksTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vms-blocks-{Guid.NewGuid():N}.mp4");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_free_box_fills_any_length_up_to_whole_blocks() =>
        Prop.ForAll(Gen.Choose(1, 3 * FreeBox.BlockBytes).ToArbitrary(), bytes =>
        {
            int size = FreeBox.SizeBehind(bytes);
            byte[] box = new byte[size];
            Array.Fill(box, (byte)0xEE);
            FreeBox.Write(box);
            var reader = new BoxReader(box);
            return (bytes + size) % FreeBox.BlockBytes == 0 && size <= FreeBox.MaxBytes
                && (size == 0 || (reader.Next() && reader.Is("free"u8) && reader.Payload.Length == size - 8 && !reader.Payload.ContainsAnyExcept((byte)0)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_fragment_begins_and_ends_at_whole_blocks()
    {
        var segment = TestSegment.Write(TestFootage.WithBFrames);
        Assert.Equal(0, segment.InitBytes % FreeBox.BlockBytes);
        Assert.All(segment.Fragments, f => Assert.Equal(0, f.Offset % FreeBox.BlockBytes));
        Assert.All(segment.Fragments, f => Assert.Equal(0, f.Length % FreeBox.BlockBytes));
        Assert.True(Fmp4InitReader.TryRead(segment.File, out _, out int initBytes));
        Assert.Equal(segment.InitBytes, initBytes);
    }

    [Fact]
    public void A_file_from_before_is_read_and_goes_on()
    {
        // 15 frames of 64 x 48 in 3 fragments, written by the version before.
        byte[] before = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "segment-unpadded.mp4"));
        Assert.True(Fmp4InitReader.TryRead(before, out var tracks, out int initBytes));
        var scan = Fmp4FragmentScanner.Scan(new MemoryStream(before), initBytes);
        Assert.Equal(3, scan.Fragments.Count);
        Assert.Equal((before.Length, 0), (scan.GoodEnd, scan.DamagedBytes));

        // Its own first group of pictures once more, behind the last one.
        var builder = new Fmp4FragmentBuilder();
        Assert.True(builder.ResumeSegment(tracks, scan.LastHeader.Span));
        var first = scan.Fragments[0];
        var payload = new BoxReader(before.AsSpan((int)first.Offset, first.Length));
        while (payload.Next() && !payload.Is("mdat"u8))
        {
        }

        File.WriteAllBytes(_path, before);
        var sizes = Tool.Run("ffprobe", $"-v error -show_entries packet=size -of csv=p=0 {_path}")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line.TrimEnd(','))).Take(first.SampleCount).ToArray();
        var samples = payload.Payload;
        for (int i = 0; i < sizes.Length; i++)
        {
            long pts = (15 + i) * 6000;
            var flags = i == 0 ? SampleFlags.Keyframe : 0;
            Assert.True(builder.AddSample(new SampleHeader(0, flags, GapCause.None, 1, pts, TestFootage.FirstCaptureUs + pts * 100 / 9), 200 + i, samples[..sizes[i]]));
            samples = samples[sizes[i]..];
        }

        File.WriteAllBytes(_path, [.. before, .. builder.Finish(out _).Span]);
        using var file = File.OpenRead(_path);
        var longer = Fmp4FragmentScanner.Scan(file, initBytes);
        Assert.Equal([.. scan.Fragments, longer.Fragments[^1]], longer.Fragments);
        Assert.Equal((4, file.Length, 0), (longer.Fragments.Count, longer.GoodEnd, longer.DamagedBytes));
        Tool.Run("ffmpeg", $"-v warning -i {_path} -f null -");
        string frames = Tool.Run("ffprobe", $"-v warning -count_frames -show_entries stream=nb_read_frames -of csv=p=0 {_path}");
        Assert.Equal(15 + sizes.Length, int.Parse(frames.Trim()));
    }
}
