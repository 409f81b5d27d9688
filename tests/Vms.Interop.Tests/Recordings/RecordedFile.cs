using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;
using Vms.Recorder.Playback;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Interop.Tests.Recordings;

/// <summary>A segment file as the recorder writes it, ten seconds of video with sound, and the clip that viewers get of it.</summary>
internal sealed class RecordedFile : IDisposable
{
    public const int Seconds = 10;

    private const long StartUs = 1_763_717_400_000_000;
    private const long SoundLateUs = 80_000;

    private readonly TestDirectory _folder = new();
    private readonly SegmentRow _segment;

    private RecordedFile(VideoFootage video, AudioFootage sound)
    {
        Video = video;
        Sound = sound;
        TrackInfo[] tracks = [video.Track, sound.Track];
        byte[] init = Fmp4Writer.StoredInit(tracks);
        var fragments = new List<FragmentEntry>();
        Segment = _folder["segment.mp4"];
        using (var file = File.Create(Segment))
        {
            file.Write(init);
            Write(file, tracks, init, fragments);
        }

        var from = UnixTime.FromMicroseconds(StartUs);
        _segment = new SegmentRow(
            Guid.CreateVersion7(), "cam1", "main", from, from.AddSeconds(Seconds), Segment, init.Length, GopTable.Encode([.. fragments]), tracks, 1, 0,
            SoundFrames + video.Frames.Count - 1, new FileInfo(Segment).Length, true, default, 1);
    }

    public VideoFootage Video { get; }

    public AudioFootage Sound { get; }

    public string Segment { get; }

    /// <summary>Frames of sound in the file.</summary>
    public int SoundFrames { get; private set; }

    public static async Task<RecordedFile> CreateAsync(CodecKind video, CodecKind sound) => new(
        await VideoFootage.LoadAsync(video == CodecKind.H265 ? FootageSpec.SmallH265 : FootageSpec.Small), await AudioFootage.LoadAsync(sound));

    /// <summary>All of it as <c>clip.mp4</c> sends it.</summary>
    public async Task<string> ClipAsync()
    {
        string path = _folder["clip.mp4"];
        var plan = PlaybackPlan.Create([_segment], _segment.From, _segment.To)!;
        using var reader = new FragmentReader(new PlaybackOptions(), new ArchiveLayout("recordings"));
        await using var body = new RecordedBodyStream(ClipBody.Build(plan), reader);
        await using var file = File.Create(path);
        await body.CopyToAsync(file);
        return path;
    }

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    private void Write(FileStream file, TrackInfo[] tracks, byte[] init, List<FragmentEntry> fragments)
    {
        var builder = new Fmp4FragmentBuilder();
        builder.BeginSegment(tracks, 1, 1, init);
        var samples = Video.ToSamples();
        long soundTicks = 0;
        for (int i = 0; i <= samples.Count; i++)
        {
            long captureUs = StartUs + (i * 1_000_000L / Video.Spec.FrameRate);
            bool keyframe = i == samples.Count || Video.Frames[i].IsKeyframe;
            var header = new SampleHeader(0, keyframe ? SampleFlags.Keyframe : 0, GapCause.None, 1, i * MediaTime.VideoTimescale / Video.Spec.FrameRate, captureUs);
            if (keyframe && i > 0)
            {
                var bytes = builder.Finish(header, out var written);
                fragments.Add(written.ToEntry(file.Position));
                file.Write(bytes.Span);
            }

            if (i == samples.Count) return;
            builder.AddSample(header, i, samples[i]);
            for (; SoundTimeUs() + SoundLateUs <= captureUs; SoundFrames++)
            {
                var frame = Sound.Frames[SoundFrames % Sound.Frames.Count];
                builder.AddSample(new SampleHeader(1, 0, GapCause.None, 1, soundTicks, SoundTimeUs()), i, frame.Data.Span);
                soundTicks += frame.Ticks;
            }
        }

        long SoundTimeUs() => StartUs + new MediaTime(soundTicks, Sound.Track.Timescale).ToMicroseconds();
    }
}
