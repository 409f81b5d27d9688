using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Mp4;

namespace Vms.Benchmarks;

/// <summary>What does a stored fragment of half a second at 4 Mbit/s cost more when its pool is encrypted, on its way to the disk and back?</summary>
[MemoryDiagnoser]
public class AtRestBenchmark
{
    private readonly DataKey _key = new(1, RandomNumberGenerator.GetBytes(DataKey.KeyBytes));
    private readonly byte[] _nonce = new byte[DataKey.NonceBytes];
    private byte[] _plain = [];
    private byte[] _encrypted = [];
    private byte[] _work = [];

    [GlobalSetup]
    public void Record()
    {
        var builder = new Fmp4FragmentBuilder { Reserve = EncryptedFragment.TrailerBytes };
        builder.BeginSegment([new TrackInfo(0, CodecKind.Mjpeg, 90_000, default, 64, 48)], 1, epoch: 7);
        for (int i = 0; i < 12; i++)
            builder.AddSample(new SampleHeader(0, SampleFlags.Keyframe, GapCause.None, 1, i * 3600, i * 40_000), i, RandomNumberGenerator.GetBytes(20_833));
        _plain = builder.Finish(out _).ToArray();
        _encrypted = _plain.ToArray();
        if (!EncryptedFragment.TryEncrypt(_encrypted, _key, _nonce)) throw new InvalidOperationException("There is no room");
        _work = _plain.ToArray();
    }

    /// <summary>What the others do besides.</summary>
    [Benchmark(Baseline = true)]
    public void Copy() => _plain.CopyTo(_work, 0);

    [Benchmark]
    public bool Encrypt()
    {
        _plain.CopyTo(_work, 0);
        return EncryptedFragment.TryEncrypt(_work, _key, _nonce);
    }

    [Benchmark]
    public Restored Restore()
    {
        _encrypted.CopyTo(_work, 0);
        return FragmentRestoration.Restore(_work, _ => _key);
    }
}
