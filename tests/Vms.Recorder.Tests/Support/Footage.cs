using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Vms.Codecs;
using Vms.Codecs.H264;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Recorder.Tests.Support;

/// <summary>Real H.264 as access units in decode order, made once by ffmpeg and kept among the build output. Repeats without end;
/// every sample is stamped with a counter that decoders pass over, so that lost and repeated samples can be counted in any file.</summary>
internal sealed class Footage
{
    public const int FramesPerSecond = 25;
    public const int TicksPerFrame = 90_000 / FramesPerSecond;

    /// <summary>In front of each counter: a user data SEI message (H.264 annex D.1.7) with this UUID.</summary>
    private static readonly byte[] s_stamp = [0x5a, 0x71, 0x3c, 0x9e, 0x44, 0x11, 0x4b, 0x2d, 0x9a, 0x6f, 0x21, 0x7e, 0x55, 0x8c, 0x13, 0x66];
    private const int CounterDigits = 16;
    private static readonly SemaphoreSlim s_making = new(1, 1);

    private readonly List<Frame> _frames;

    private Footage(List<Frame> frames, TrackInfo track)
    {
        _frames = frames;
        Track = track;
    }

    public TrackInfo Track { get; }

    public int GopFrames => _frames.FindIndex(1, f => f.Keyframe) is var next and > 0 ? next : _frames.Count;

    private sealed record Frame(byte[] Payload, bool Keyframe, long Pts);

    /// <param name="width">4:3.</param>
    /// <param name="gop">Frames from one keyframe to the next.</param>
    public static async Task<Footage> LoadAsync(int width = 320, int gop = 25, int bFrames = 0)
    {
        string folder = Path.Combine(TestPaths.Artifacts, "test-media");
        string name = Path.Combine(folder, $"recorder-{width}-{gop}-{bFrames}");
        await s_making.WaitAsync();
        try
        {
            if (!File.Exists(name + ".h264"))
            {
                await MakeAsync(folder, name, width, gop, bFrames);
            }
        }
        finally
        {
            s_making.Release();
        }

        string times = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0", name + ".mp4"]);
        long[] pts =
        [
            .. times.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(t => (long)Math.Round(double.Parse(t.TrimEnd(','), CultureInfo.InvariantCulture) * 90_000)),
        ];
        return Parse(await File.ReadAllBytesAsync(name + ".h264"), pts);
    }

    /// <summary>Sample <paramref name="index"/> of the endless stream.</summary>
    public (byte[] Payload, bool Keyframe, long Pts) Sample(long index)
    {
        var frame = _frames[(int)(index % _frames.Count)];
        long round = index / _frames.Count;
        return ([.. StampOf(index), .. frame.Payload], frame.Keyframe, frame.Pts + (round * _frames.Count * TicksPerFrame));
    }

    /// <summary>Counters found in a file, in file order.</summary>
    public static List<long> CountersIn(ReadOnlySpan<byte> file)
    {
        var counters = new List<long>();
        for (int at = file.IndexOf(s_stamp); at >= 0; at = file.IndexOf(s_stamp))
        {
            file = file[(at + s_stamp.Length)..];
            counters.Add(long.Parse(file[..CounterDigits], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }

        return counters;
    }

    private static byte[] StampOf(long counter)
    {
        byte[] digits = Encoding.ASCII.GetBytes(counter.ToString("x16", CultureInfo.InvariantCulture));
        // nal_unit_type 6, payloadType 5, payloadSize, UUID, counter, rbsp_trailing_bits
        byte[] nal = [0x06, 0x05, (byte)(s_stamp.Length + CounterDigits), .. s_stamp, .. digits, 0x80];
        byte[] prefixed = new byte[4 + nal.Length];
        BinaryPrimitives.WriteInt32BigEndian(prefixed, nal.Length);
        nal.CopyTo(prefixed, 4);
        return prefixed;
    }

    private static async Task MakeAsync(string folder, string name, int width, int gop, int bFrames)
    {
        Directory.CreateDirectory(folder);
        string temporary = $"{name}.{Environment.ProcessId}";
        await ChildProcess.RunAsync(
            "ffmpeg",
            [
                "-v", "error", "-y", "-f", "lavfi", "-i", $"testsrc2=size={width}x{width * 3 / 4}:rate={FramesPerSecond}", "-t", "10",
                "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-pix_fmt", "yuv420p", "-g", $"{gop}", "-bf", $"{bFrames}",
                "-x264-params", "scenecut=0:b-adapt=0", "-video_track_timescale", "90000", temporary + ".mp4",
            ]);
        await ChildProcess.RunAsync(
            "ffmpeg",
            ["-v", "error", "-y", "-i", temporary + ".mp4", "-c", "copy", "-bsf:v", "h264_mp4toannexb,h264_metadata=aud=insert", temporary + ".h264"]);
        File.Move(temporary + ".mp4", name + ".mp4", overwrite: true);
        File.Move(temporary + ".h264", name + ".h264", overwrite: true);
    }

    private static Footage Parse(byte[] stream, long[] pts)
    {
        var frames = new List<Frame>();
        var unit = new ArrayBufferWriter<byte>();
        byte[] sps = [];
        byte[] pps = [];
        bool keyframe = false;
        foreach (var nal in new AnnexB(stream))
        {
            var type = H264NalHeader.TypeOf(nal[0]);
            if (type == H264NalUnitType.AccessUnitDelimiter)
            {
                Flush();
            }
            else if (type == H264NalUnitType.Sps)
            {
                sps = nal.ToArray();
            }
            else if (type == H264NalUnitType.Pps)
            {
                pps = nal.ToArray();
            }
            else
            {
                keyframe |= type == H264NalUnitType.IdrSlice;
                BinaryPrimitives.WriteInt32BigEndian(unit.GetSpan(4), nal.Length);
                unit.Advance(4);
                unit.Write(nal);
            }
        }

        Flush();
        Assert.True(H264Sps.TryParse(sps, out var parsed));
        var track = new TrackInfo(0, CodecKind.H264, 90_000, AvcDecoderConfiguration.Build(sps, pps), parsed.Width, parsed.Height);
        return new Footage(frames, track);

        void Flush()
        {
            if (unit.WrittenCount > 0)
            {
                frames.Add(new Frame(unit.WrittenSpan.ToArray(), keyframe, pts[frames.Count]));
                unit.Clear();
                keyframe = false;
            }
        }
    }
}
