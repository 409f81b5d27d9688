using System.Security.Cryptography;
using System.Text;
using Vms.Control.Features.Cameras;
using Vms.Hosting;
using Vms.Onvif.Soap;

namespace Vms.Control.Features.Device;

/// <summary>Where the device of a camera is asked, and as whom.</summary>
/// <param name="CameraHost">Of the camera's main address.</param>
/// <param name="Key">The same for the same address and credentials, and tells nothing of them: by it is known what was tried already.</param>
internal sealed record DeviceTarget(Uri Service, string CameraHost, OnvifCredentials? Credentials, string Key)
{
    /// <summary>Of the only certificate that is taken over https; null: any.</summary>
    public string? CertificateSha256 { get; init; }

    /// <summary>Where a camera that was added by its streams' address may answer.</summary>
    public const int UsualPort = 80;

    private const int HttpsPort = 443;
    private const string ServicePath = "/onvif/device_service";

    /// <summary>Null for a camera that sends to us: it has no address.</summary>
    /// <param name="known">What is known of its device; null: nothing yet.</param>
    /// <param name="port">Of its web server, as somebody says; null: as known, or the recorder's, or the usual one.</param>
    public static DeviceTarget? Of(CameraRow camera, DeviceRow? known, int? port, NodeKey nodeKey)
    {
        if (HostOf(camera.Settings.MainUrl) is not { } host)
            return null;

        // A channel of a recorder is asked where the recorder is, until something has answered elsewhere.
        bool isKnown = known is not null && known.CameraHost == host && (known.IsOnvif || camera.NvrPort is null);
        var service = port is null && isKnown ? known!.Service : ServiceOf(host, port ?? camera.NvrPort ?? UsualPort);
        return new DeviceTarget(service, host, CredentialsOf(camera, nodeKey), KeyOf(service, camera)) { CertificateSha256 = camera.Settings.TlsCertificateSha256 };
    }

    /// <summary>The <see cref="Key"/> of a camera whose device is known; empty when the camera has another address by now.</summary>
    public static string KeyOf(CameraRow camera, DeviceRow known) => HostOf(camera.Settings.MainUrl) == known.CameraHost ? KeyOf(known.Service, camera) : "";

    /// <summary>The same for a camera's main address and credentials, whatever its device's port is.</summary>
    public static string KeyOf(CameraRow camera) => HashOf($"{HostOf(camera.Settings.MainUrl)}", camera);

    /// <summary>Of a device that has just answered with the credentials that the camera has.</summary>
    public static DeviceTarget Of(CameraRow camera, Uri service) => new(service, HostOf(camera.Settings.MainUrl) ?? "", null, KeyOf(service, camera));

    private static Uri ServiceOf(string host, int port) =>
        new UriBuilder(port == HttpsPort ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, host, port, ServicePath).Uri;

    /// <summary>Not all that stands in a camera's path is a URI: scheme and authority are.</summary>
    private static string? HostOf(string url)
    {
        int schemeEnd = url.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd < 0)
            return null;
        int pathStart = url.IndexOfAny(['/', '?', '#'], schemeEnd + 3);
        return Uri.TryCreate(pathStart < 0 ? url : url[..pathStart], UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host : null;
    }

    private static OnvifCredentials? CredentialsOf(CameraRow camera, NodeKey nodeKey)
    {
        if (string.IsNullOrEmpty(camera.Settings.Username) || camera.Settings.Username.Length > OnvifCredentials.MaxLength)
            return null;
        try
        {
            string password = camera.PasswordProtected is { } cipher ? nodeKey.Unprotect(cipher) : "";
            return new OnvifCredentials(camera.Settings.Username, password) { AllowClear = camera.Settings.AllowBasicInClear };
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;        // a database without its node key
        }
    }

    private static string KeyOf(Uri service, CameraRow camera) => HashOf(service.AbsoluteUri, camera);

    private static string HashOf(string place, CameraRow camera) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{place}\n{camera.Settings.Username}\n{camera.PasswordProtected}\n{camera.Settings.AllowBasicInClear}")));
}
