using System.Security.Cryptography;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Containers.Tests.Mp4;

namespace Vms.Containers.Tests.Integrity;

/// <summary>Three segments of one stream, chained and signed as the recorder does it, to be tampered with.</summary>
internal sealed class RecordedStream : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public RecordedStream(bool signLast = true)
    {
        Signer = new HeadSigner(_key);
        PublicKeyPem = _key.ExportSubjectPublicKeyInfoPem();
        var builder = new Fmp4FragmentBuilder(Signer);
        var limit = TimeSpan.FromMilliseconds(400);
        Segments =
        [
            TestSegment.Write(TestFootage.Plain, limit, builder, signEvery: 3),
            TestSegment.Write(TestFootage.WithBFrames, limit, builder, signEvery: 3),
            TestSegment.Write(TestFootage.OtherSize, limit, builder, signEvery: 3, signLast),
        ];
    }

    public HeadSigner Signer { get; }

    public string PublicKeyPem { get; }

    public IReadOnlyList<TestSegment> Segments { get; }

    /// <summary>The chain with a fragment, as somebody outside may know it.</summary>
    public byte[] ChainAt(int segment, Index fragment) =>
        FragmentHeader.ChainAt(Segments[segment].File.AsSpan((int)Segments[segment].Fragments[fragment].Offset)).ToArray();

    public List<byte[]> Copy() => [.. Segments.Select(s => s.File.ToArray())];

    public List<SegmentVerdict> Verify(IEnumerable<byte[]> files) => Verify(files, out _);

    public List<SegmentVerdict> Verify(IEnumerable<byte[]> files, out ChainVerifier verifier)
    {
        using var keys = IntegrityKeys.FromPem(PublicKeyPem);
        var used = verifier = new ChainVerifier(keys, [ChainAt(2, ^1)]);
        return [.. files.Select((file, i) => used.Verify($"{i}.mp4", new MemoryStream(file, writable: false)))];
    }

    public void Dispose() => _key.Dispose();
}
