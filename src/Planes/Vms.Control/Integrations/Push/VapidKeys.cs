using System.Buffers.Text;
using System.Security.Cryptography;
using Vms.Hosting;

namespace Vms.Control.Integrations.Push;

/// <summary>The key pair by which push services know this installation (RFC 8292), <c>keys/push.key</c>, encrypted with the node key. Made at first need: browsers
/// that subscribed with it are lost with it. Any thread.</summary>
internal sealed class VapidKeys(PlaneOptions options, NodeKey nodeKey)
{
    private readonly Lazy<(string Public, string Private)> _keys = new(() => LoadOrCreate(options, nodeKey));

    /// <summary>An uncompressed point, base64url: what a browser subscribes with.</summary>
    public string Public => _keys.Value.Public;

    /// <summary>Base64url.</summary>
    public string Private => _keys.Value.Private;

    private static (string Public, string Private) LoadOrCreate(PlaneOptions options, NodeKey nodeKey)
    {
        PrivateFiles.CreateDirectory(options.KeysDirectory);
        var path = Path.Combine(options.KeysDirectory, "push.key");
        if (!File.Exists(path))
        {
            using var fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PrivateFiles.TryCreate(path, nodeKey.Protect(fresh.ExportPkcs8PrivateKey()));
        }

        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(nodeKey.Unprotect(File.ReadAllBytes(path)), out _);
        var parts = key.ExportParameters(includePrivateParameters: true);
        return (Base64Url.EncodeToString([0x04, .. parts.Q.X!, .. parts.Q.Y!]), Base64Url.EncodeToString(parts.D!));
    }
}
