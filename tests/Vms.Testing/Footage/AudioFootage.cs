using System.Buffers.Binary;
using System.Globalization;
using Vms.Codecs;
using Vms.Testing.Processes;

namespace Vms.Testing.Footage;

/// <summary>One frame of encoded sound.</summary>
/// <param name="Ticks">How long it lasts, in the track's timescale.</param>
public readonly record struct AudioFrame(ReadOnlyMemory<byte> Data, int Ticks);

/// <summary>A tone that sweeps for ten seconds, mono, encoded once by ffmpeg: AAC-LC 16 kHz, Opus 48 kHz, G.711 and G.726 8 kHz. Immutable.</summary>
public sealed class AudioFootage
{
    private const int Seconds = 10;
    private const int PcmRate = 8000;
    private const int PcmFrame = PcmRate / 50;
    private const int AacRate = 16_000;
    private const int AacFrame = 1024;
    private const int OpusRate = 48_000;
    private const int OpusFrame = OpusRate / 50;

    private AudioFootage(CodecKind codec, int timescale, byte[] codecParameters, IReadOnlyList<AudioFrame> frames)
    {
        Track = new TrackInfo(1, codec, timescale, codecParameters, 0, 0);
        Frames = frames;
    }

    /// <summary>As track 1.</summary>
    public TrackInfo Track { get; }

    public IReadOnlyList<AudioFrame> Frames { get; }

    public static async Task<AudioFootage> LoadAsync(CodecKind codec) => codec switch
    {
        // AudioSpecificConfig: AAC-LC (2), sampling frequency index 8 (16 kHz), one channel
        CodecKind.Aac => new(codec, AacRate, [0x14, 0x08], await FromMp4Async("aac", AacFrame, "-c:a", "aac", "-b:a", "48k", "-ar", "16000")),
        CodecKind.Opus => await OpusAsync(),
        CodecKind.PcmA => new(codec, PcmRate, [], await PcmAsync("alaw")),
        CodecKind.PcmU => new(codec, PcmRate, [], await PcmAsync("mulaw")),
        // Four bits a code word, as RFC 3551 packs them.
        CodecKind.G726 => new(codec, PcmRate, [4], await RawAsync("g726le", PcmFrame / 2, "-c:a", "g726le", "-code_size", "4")),
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "No footage of this codec"),
    };

    private static async Task<AudioFootage> OpusAsync()
    {
        string[] options = ["-c:a", "libopus", "-b:a", "32k", "-ar", "48000", "-frame_duration", "20"];
        var frames = await FromMp4Async("opus", OpusFrame, options);
        byte[] file = await File.ReadAllBytesAsync(await Mp4Async("opus", options));
        int box = file.AsSpan().IndexOf("dOps"u8);
        int size = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(box - 4)) - 8;
        return new AudioFootage(CodecKind.Opus, OpusRate, file[(box + 4)..(box + 4 + size)], frames);
    }

    private static async Task<List<AudioFrame>> FromMp4Async(string name, int ticks, params string[] options)
    {
        string path = await Mp4Async(name, options);
        byte[] file = await File.ReadAllBytesAsync(path);
        string packets = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-show_entries", "packet=size,pos", "-of", "csv=p=0", path]);
        return
        [
            .. packets.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(',').Take(2).Select(field => int.Parse(field, CultureInfo.InvariantCulture)).ToArray())
                .Select(packet => new AudioFrame(file.AsMemory(packet[1], packet[0]), ticks)),
        ];
    }

    private static Task<List<AudioFrame>> PcmAsync(string format) => RawAsync(format, PcmFrame, "-c:a", $"pcm_{format}");

    /// <summary>Without a container: 20 ms of 8 kHz a frame.</summary>
    private static async Task<List<AudioFrame>> RawAsync(string format, int frameBytes, params string[] codec)
    {
        byte[] file = await File.ReadAllBytesAsync(await FootageFiles.MakeAsync(
            $"tone.{format}", output => [.. Input, .. codec, "-ar", "8000", "-f", format, output]));
        return [.. file.Chunk(frameBytes).Where(chunk => chunk.Length == frameBytes).Select(chunk => new AudioFrame(chunk, PcmFrame))];
    }

    private static Task<string> Mp4Async(string name, string[] options) =>
        FootageFiles.MakeAsync($"tone-{name}.mp4", output => [.. Input, .. options, output]);

    private static string[] Input =>
    [
        "-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i",
        $"aevalsrc=0.3*sin(2*PI*(200+80*t)*t):s=48000:d={Seconds}", "-ac", "1",
    ];
}
