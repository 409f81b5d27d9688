using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Vms.Hosting;

/// <summary>Signs tickets. Only control holds the private key, <c>keys/ticket.key</c>; the planes get <c>keys/ticket.pub</c>. Any thread.</summary>
public sealed class TicketSigner : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private TicketSigner(ECDsa key) => _key = key;

    /// <summary>Reads the key, making it on the first start.</summary>
    public static TicketSigner LoadOrCreate(PlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        var privatePath = Path.Combine(options.KeysDirectory, "ticket.key");
        if (!File.Exists(privatePath))
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFiles.TryCreate(privatePath, Encoding.ASCII.GetBytes(fresh.ExportPkcs8PrivateKeyPem()));
        }

        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(privatePath));
        PrivateFiles.Replace(TicketVerifier.PublicKeyPath(options), Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()));
        return new TicketSigner(key);
    }

    public string Sign(Ticket ticket)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        var payload = ticket.ToBytes();
        lock (_gate)
            return $"{Base64Url.EncodeToString(payload)}.{Base64Url.EncodeToString(_key.SignData(payload, HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _key.Dispose();
}
