using System.Security.Cryptography;
using System.Text;
using Vms.Hosting;

namespace Vms.Control.Audit;

/// <summary>Signs heads of the audit log: ECDSA P-256, <c>keys/audit.key</c> (encrypted with the node key), made at the first start. Its public part is
/// <c>keys/audit.pub</c>, for whoever verifies elsewhere. Any thread.</summary>
internal sealed class AuditKey : IDisposable
{
    private const int IdBytes = 8;

    private readonly ECDsa _key = ECDsa.Create();
    private readonly Lock _use = new();     // ECDsa instances promise nothing about threads

    public AuditKey(PlaneOptions options, NodeKey nodeKey)
    {
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        var path = Path.Combine(options.KeysDirectory, "audit.key");
        if (!File.Exists(path))
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFiles.TryCreate(path, nodeKey.Protect(fresh.ExportPkcs8PrivateKey()));
        }

        _key.ImportPkcs8PrivateKey(nodeKey.Unprotect(File.ReadAllBytes(path)), out _);
        var spki = _key.ExportSubjectPublicKeyInfo();
        Id = Convert.ToHexStringLower(SHA256.HashData(spki).AsSpan(0, IdBytes));
        PrivateFiles.Replace(Path.Combine(options.KeysDirectory, "audit.pub"), Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem() + "\n"));
    }

    /// <summary>The first eight bytes of SHA-256 of the public key, in hexadecimal.</summary>
    public string Id { get; }

    public AuditHead Sign(long seq, byte[] hash, DateTimeOffset at)
    {
        at = new DateTimeOffset(at.Ticks - (at.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);      // as PostgreSQL keeps it
        lock (_use)
        {
            var signature = _key.SignData(AuditHead.Signed(seq, hash, at), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            return new AuditHead(DateOnly.FromDateTime(at.UtcDateTime), seq, hash, at, Id, signature);
        }
    }

    public bool Verify(AuditHead head)
    {
        lock (_use)
        {
            return head.KeyId == Id && _key.VerifyData(
                AuditHead.Signed(head.Seq, head.Hash, head.At), head.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public void Dispose() => _key.Dispose();
}
