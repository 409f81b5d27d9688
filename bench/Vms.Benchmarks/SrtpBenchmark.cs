using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Vms.Native.OpenSsl;

namespace Vms.Benchmarks;

/// <summary>What does encrypting one RTP packet of a viewer cost: libcrypto called directly, and through the platform's own AES-GCM?</summary>
public class SrtpBenchmark
{
    private readonly AesGcm _platform = new(new byte[16], 16);
    private readonly AesGcmEncryptor _direct = new(new byte[16]);
    private readonly byte[] _nonce = new byte[12];
    private readonly byte[] _payload = new byte[1168];
    private readonly byte[] _packet = new byte[1200];

    [Benchmark(Baseline = true)]
    public void Platform() => _platform.Encrypt(_nonce, _payload, _packet.AsSpan(12, 1168), _packet.AsSpan(1180, 16), _packet.AsSpan(0, 12));

    [Benchmark]
    public void Direct() => _direct.Encrypt(_nonce, _payload, _packet.AsSpan(12, 1168), _packet.AsSpan(1180, 16), _packet.AsSpan(0, 12));
}
