using System.Runtime.InteropServices;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Egress.Sound;

/// <summary>Sound that ffmpeg has decoded. The tone of <see cref="AudioFootage"/> rises by 160 Hz a second from 200 Hz on, so that its
/// frequency says which moment of it is heard.</summary>
internal sealed class Tone(short[] samples, double startSeconds)
{
    private const int Rate = 48_000;
    private const double WindowSeconds = 0.1;

    /// <summary>Of the file's timeline.</summary>
    public double StartSeconds => startSeconds;

    public double EndSeconds => startSeconds + (double)samples.Length / Rate;

    public static async Task<Tone> DecodeAsync(string file)
    {
        using var folder = new TestDirectory();
        var complaints = await ChildProcess.RunAsync("ffmpeg", ["-nostdin", "-v", "error", "-i", file, "-map", "0:a", "-ac", "1", "-ar", "48000", "-f", "s16le", folder["pcm.raw"]]);
        Assert.Equal("", complaints.Trim());
        var start = await ChildProcess.RunAsync("ffprobe", ["-v", "error", "-select_streams", "a", "-show_entries", "stream=start_time", "-of", "csv=p=0", file]);
        return new Tone(
            MemoryMarshal.Cast<byte, short>(await File.ReadAllBytesAsync(folder["pcm.raw"])).ToArray(),
            double.Parse(start.Trim(), System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>In the tenth of a second that begins then.</summary>
    public double FrequencyAt(double seconds)
    {
        var window = Window(seconds);
        int crossings = 0;
        for (int i = 1; i < window.Length; i++)
        {
            if (window[i - 1] < 0 != window[i] < 0)
                crossings++;
        }

        return crossings / 2.0 / WindowSeconds;
    }

    public int LoudnessAt(double seconds)
    {
        int most = 0;
        foreach (short sample in Window(seconds))
            most = Math.Max(most, Math.Abs((int)sample));
        return most;
    }

    /// <summary>What a moment of the footage sounds like.</summary>
    public static double ExpectedAt(double footageSeconds) => 200 + 160 * (footageSeconds % 10 + WindowSeconds / 2);

    private ReadOnlySpan<short> Window(double seconds) => samples.AsSpan((int)((seconds - startSeconds) * Rate), (int)(WindowSeconds * Rate));
}
