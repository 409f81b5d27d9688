using System.Runtime.InteropServices;
using Vms.Codecs.G726;
using Vms.Testing;
using Vms.Testing.Processes;

namespace Vms.Codecs.Tests.G726;

public sealed class G726DecoderTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task It_sounds_as_ffmpeg_decodes_it(int bits)
    {
        using var folder = new TestDirectory();
        // A sweep, silence, and clipping noise.
        await ChildProcess.RunAsync("ffmpeg",
        [
            "-v", "error", "-f", "lavfi", "-i", "aevalsrc='if(lt(t,2),0.5*sin(2*PI*(100+400*t)*t),if(lt(t,3),0,1.2*random(0)-0.6))':s=8000:d=4",
            "-c:a", "g726le", "-code_size", $"{bits}", "-f", "g726le", folder["codes"],
        ]);
        await ChildProcess.RunAsync(
            "ffmpeg", ["-v", "error", "-f", "g726le", "-code_size", $"{bits}", "-ar", "8000", "-i", folder["codes"], "-f", "s16le", folder["samples"]]);
        byte[] codes = await File.ReadAllBytesAsync(folder["codes"]);
        short[] expected = MemoryMarshal.Cast<byte, short>(await File.ReadAllBytesAsync(folder["samples"])).ToArray();
        Assert.True(expected.Length > 31_000);

        short[] decoded = new short[expected.Length];
        var decoder = new G726Decoder(bits);
        // In packets of 20 ms, as they come.
        for (int at = 0; at + 160 <= decoded.Length; at += 160) decoder.Decode(codes.AsSpan(at * bits / 8, 20 * bits), decoded.AsSpan(at, 160));

        // ffmpeg rounds otherwise than the recommendation here and there.
        double noise = 0, energy = 0;
        for (int i = 0; i < decoded.Length / 160 * 160; i++)
        {
            noise += Math.Pow(decoded[i] - expected[i], 2);
            energy += Math.Pow(expected[i], 2);
        }

        Assert.InRange(noise / energy, 0, 0.005);
    }

    [Fact]
    public void Any_code_words_decode_and_a_reset_decoder_is_as_new()
    {
        byte[] noise = new byte[40_000];
        new Random(726).NextBytes(noise);
        for (int bits = G726Decoder.MinBits; bits <= G726Decoder.MaxBits; bits++)
        {
            var decoder = new G726Decoder(bits);
            short[] first = new short[noise.Length * 8 / bits];
            short[] again = new short[first.Length];
            decoder.Decode(noise, first);
            decoder.Reset();
            decoder.Decode(noise, again);
            Assert.Equal(first, again);
        }
    }

    [Fact]
    public void Other_sizes_of_code_words_do_not_exist() => Assert.Throws<ArgumentOutOfRangeException>(() => new G726Decoder(6));
}
