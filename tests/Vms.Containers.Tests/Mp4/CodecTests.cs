using System.Buffers;
using System.Globalization;
using Vms.Codecs;
using Vms.Codecs.Flac;
using Vms.Containers.Mp4;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Containers.Tests.Mp4;

/// <summary>Files with each codec a camera may send, written as the recorder does; ffmpeg is the judge.</summary>
public sealed class CodecTests
{
    private const long StartUs = TestFootage.FirstCaptureUs;

    public static TheoryData<CodecKind, CodecKind> Pairs => new()
    {
        { CodecKind.H264, CodecKind.Aac },
        { CodecKind.H265, CodecKind.None },
        { CodecKind.H265, CodecKind.Aac },
        { CodecKind.H264, CodecKind.PcmA },
        { CodecKind.H264, CodecKind.PcmU },
        { CodecKind.H264, CodecKind.Opus },
        { CodecKind.H265, CodecKind.Opus },
    };

    [Theory, MemberData(nameof(Pairs))]
    public async Task A_file_decodes_without_a_word_and_holds_every_frame(CodecKind video, CodecKind audio)
    {
        var spec = video == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small;
        var footage = await VideoFootage.LoadAsync(spec);
        var sound = audio == CodecKind.None ? null : await AudioFootage.LoadAsync(audio);
        using var folder = new TestDirectory();
        string path = folder["file.mp4"];
        await File.WriteAllBytesAsync(path, Write(footage, sound, soundEarlyUs: 0));

        Tool.Run("ffmpeg", $"-v error -xerror -i {path} -map 0 -f null -");

        Assert.Equal(footage.Frames.Count, Count(path, "v:0"));
        if (sound is null) return;
        string name = audio switch { CodecKind.PcmA => "pcm_alaw", CodecKind.PcmU => "pcm_mulaw", _ => audio.ToString().ToLowerInvariant() };
        Assert.Equal($"{name},{sound.Track.Timescale},1", Probe(path, "a:0", "stream=codec_name,sample_rate,channels"));
        Assert.Equal(sound.Frames.Count, Packets(path, "a:0").Length);
        Assert.Equal(10, Seconds(path, "a:0"), 1);
    }

    [Fact]
    public async Task Sound_from_before_the_first_picture_keeps_its_distance_to_it()
    {
        var footage = await VideoFootage.LoadAsync(FootageSpec.Small);
        var sound = await AudioFootage.LoadAsync(CodecKind.PcmA);
        using var folder = new TestDirectory();
        string path = folder["file.mp4"];
        await File.WriteAllBytesAsync(path, Write(footage, sound, soundEarlyUs: 130_000));

        Tool.Run("ffmpeg", $"-v error -xerror -i {path} -map 0 -f null -");

        Assert.Equal(0.130, Packets(path, "v:0")[0] - Packets(path, "a:0")[0], 2);
        Assert.Equal(footage.Frames.Count, Count(path, "v:0"));
    }

    [Fact]
    public async Task Sound_whose_timestamps_begin_elsewhere_goes_on_where_the_wall_clock_says()
    {
        var footage = await VideoFootage.LoadAsync(FootageSpec.Small);
        var sound = await AudioFootage.LoadAsync(CodecKind.PcmA);
        using var folder = new TestDirectory();
        string path = folder["file.mp4"];
        await File.WriteAllBytesAsync(path, Write(footage, sound, soundEarlyUs: 0, jumpAt: 200));

        Tool.Run("ffmpeg", $"-v error -xerror -i {path} -map 0 -f null -");

        double[] times = Packets(path, "a:0");
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(0.020, pair.Second - pair.First, 3));
    }

    [Fact]
    public async Task The_reader_gives_back_every_kind_of_track()
    {
        TrackInfo[] tracks =
        [
            (await VideoFootage.LoadAsync(FootageSpec.SmallH265)).Track,
            (await AudioFootage.LoadAsync(CodecKind.Aac)).Track,
            (await AudioFootage.LoadAsync(CodecKind.Opus)).Track with { Id = 2 },
            (await AudioFootage.LoadAsync(CodecKind.PcmA)).Track with { Id = 3 },
            new(4, CodecKind.G726, 8000, new byte[] { 3 }, 0, 0),
            new(5, CodecKind.L16, 44_100, new byte[] { 2 }, 0, 0),
            new(6, CodecKind.Mjpeg, 90_000, default, 800, 600),
            new(7, CodecKind.Flac, 8000, FlacFrame.StreamInfo(8000, 1), 0, 0),
        ];
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, tracks);

        Assert.True(Fmp4InitReader.TryRead(init.WrittenSpan, out var read, out int length));

        Assert.Equal(init.WrittenCount, length);
        Assert.Equal(tracks, read);
        for (int cut = 0; cut < init.WrittenCount; cut++) Assert.False(Fmp4InitReader.TryRead(init.WrittenSpan[..cut], out _, out _));
    }

    [Fact]
    public void Codecs_without_a_sample_entry_are_refused()
    {
        Assert.False(Fmp4Writer.CanCarry(CodecKind.OnvifMetadata));
        Assert.Throws<NotSupportedException>(() => Fmp4Writer.WriteInit(new ArrayBufferWriter<byte>(), [new(0, CodecKind.OnvifMetadata, 8000, default, 0, 0)]));
    }

    [Fact]
    public async Task A_clip_that_changes_from_one_h265_description_to_another_decodes()
    {
        var first = await VideoFootage.LoadAsync(FootageSpec.SmallH265);
        var other = await VideoFootage.LoadAsync(FootageSpec.Pattern("clip-h265", 320, 180) with { Codec = CodecKind.H265, Seconds = 2, BitrateKbps = 200 });
        var body = new ArrayBufferWriter<byte>();
        var pieces = new List<ClipPiece>();
        uint number = 1;
        foreach (var (footage, description, shift) in new[] { (first, 1u, 0L), (other, 2u, 900_000L) })
        {
            var builder = new Fmp4FragmentBuilder();
            builder.BeginSegment([footage.Track], 1, 1);
            var samples = footage.ToSamples();
            for (int i = 0; i < samples.Count; i++)
            {
                var header = HeaderOf(footage, i);
                if (header.IsKeyframe && i > 0) Append(builder.Finish(header, out _));
                Assert.True(builder.AddSample(header, i, samples[i]));
            }

            Append(builder.Finish(out _));

            void Append(ReadOnlyMemory<byte> fragment)
            {
                var sets = InBandParameterSets.Of(footage.Track);
                byte[] moved = [.. fragment.Span, .. new byte[sets.Length]];
                Assert.True(new FragmentPatch(number++, shift, [footage.Track], [description], sets).TryApply(moved));
                body.Write(moved);
                pieces.Add(new ClipPiece(moved.Length, 90_000));
            }
        }

        var clip = new ArrayBufferWriter<byte>();
        ClipHead.Write(clip, [[first.Track, other.Track]], 0, 12 * 90_000, pieces);
        clip.Write(body.WrittenSpan);
        using var folder = new TestDirectory();
        await File.WriteAllBytesAsync(folder["clip.mp4"], clip.WrittenSpan.ToArray());

        Tool.Run("ffmpeg", $"-v error -xerror -i {folder["clip.mp4"]} -f null -");
        Assert.Equal(first.Frames.Count + other.Frames.Count, Count(folder["clip.mp4"], "v:0"));
    }

    private static byte[] Write(VideoFootage footage, AudioFootage? sound, long soundEarlyUs, int jumpAt = int.MaxValue)
    {
        TrackInfo[] tracks = sound is null ? [footage.Track] : [footage.Track, sound.Track];
        var mixed = footage.ToSamples().Select((payload, i) => (Header: HeaderOf(footage, i), Payload: (ReadOnlyMemory<byte>)payload)).ToList();
        long at = 0;
        for (int i = 0; sound is not null && i < sound.Frames.Count; i++)
        {
            long captureUs = StartUs - soundEarlyUs + (at * 1_000_000 / sound.Track.Timescale);
            long pts = 5_000_000 + at + (i >= jumpAt ? 77_777_777 : 0);
            mixed.Add((new SampleHeader(1, i == jumpAt ? SampleFlags.Discontinuity : 0, 0, 1, pts, captureUs), sound.Frames[i].Data));
            at += sound.Frames[i].Ticks;
        }

        var file = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(file, tracks);
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment(tracks, 1, 1);
        // As they arrive: sound a tenth of a second behind the picture, and the recorder begins with a keyframe.
        long sequence = 0;
        foreach (var (header, payload) in mixed.OrderBy(s => s.Header.CaptureTimeUs + (s.Header.TrackId * (100_000 + soundEarlyUs))))
        {
            if ((header.IsKeyframe || builder.Duration >= TimeSpan.FromSeconds(1)) && builder.CanEndBefore(header)) file.Write(builder.Finish(header, out _).Span);
            Assert.True(builder.AddSample(header, sequence++, payload.Span));
        }

        file.Write(builder.Finish(out _).Span);
        Assert.Equal(0, builder.TimesMoved);
        return file.WrittenSpan.ToArray();
    }

    private static SampleHeader HeaderOf(VideoFootage footage, int frame) => new(
        0, footage.Frames[frame].IsKeyframe ? SampleFlags.Keyframe : 0, 0, 1, frame * 90_000L / footage.Spec.FrameRate,
        StartUs + (frame * 1_000_000L / footage.Spec.FrameRate));

    private static int Count(string path, string stream) =>
        int.Parse(Probe(path, stream, "stream=nb_read_frames", "-count_frames"), CultureInfo.InvariantCulture);

    private static double Seconds(string path, string stream)
    {
        double[] times = Packets(path, stream);
        return times[^1] - times[0];
    }

    private static double[] Packets(string path, string stream) =>
    [
        .. Probe(path, stream, "packet=pts_time").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => double.Parse(line.Split(',')[0], CultureInfo.InvariantCulture)),
    ];

    private static string Probe(string path, string stream, string entries, string more = "") =>
        Tool.Run("ffprobe", $"-v error -select_streams {stream} {more} -show_entries {entries} -of csv=p=0 {path}").Trim();
}
