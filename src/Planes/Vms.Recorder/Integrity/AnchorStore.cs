using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Vms.Containers.Integrity;
using Vms.Hosting;

namespace Vms.Recorder.Integrity;

/// <summary>The anchor records of the installation, one file each, and their way out: what did not get through is tried again, in order. One
/// caller at a time.</summary>
internal sealed class AnchorStore(PlaneOptions plane, RecorderOptions options) : IDisposable
{
    private const string Extension = ".jws";

    /// <summary>Sorts as the times do.</summary>
    private const string NameFormat = "yyyyMMdd'T'HHmmss'Z'";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>Name of the newest record that was posted.</summary>
    private string PostedFile => Path.Combine(plane.AnchorsDirectory, "posted");

    public bool Has(DateTimeOffset at) => File.Exists(PathOf(at));

    /// <exception cref="IOException">No room, or no access.</exception>
    public void Add(DateTimeOffset at, AnchorRecord record, HeadSigner signer)
    {
        PrivateFiles.CreateDirectory(plane.AnchorsDirectory);
        PrivateFiles.Replace(PathOf(at), Encoding.ASCII.GetBytes(record.Sign(signer)));
    }

    /// <summary>Brings to the folder and the address outside what is not there yet.</summary>
    /// <exception cref="IOException">The folder does not take it.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    /// <exception cref="HttpRequestException">The address does not take it.</exception>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(plane.AnchorsDirectory))
            return;
        var names = Directory.GetFiles(plane.AnchorsDirectory, "*" + Extension).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal).ToList();
        if (options.AnchorDirectory is { } folder)
            Copy(names, folder);
        if (options.AnchorUrl is { } url)
            await PostAsync(names, url, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private void Copy(List<string> names, string folder)
    {
        foreach (string name in names.Where(n => !File.Exists(Path.Combine(folder, n))))
        {
            string part = Path.Combine(folder, name + ".part");
            File.Copy(Path.Combine(plane.AnchorsDirectory, name), part, overwrite: true);
            File.Move(part, Path.Combine(folder, name));
        }
    }

    private async Task PostAsync(List<string> names, Uri url, CancellationToken cancellationToken)
    {
        string posted = File.Exists(PostedFile) ? await File.ReadAllTextAsync(PostedFile, cancellationToken) : "";
        foreach (string name in names.Where(n => string.CompareOrdinal(n, posted) > 0))
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(plane.AnchorsDirectory, name), cancellationToken));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/jose");
            using var answer = await _http.PostAsync(url, content, cancellationToken);
            answer.EnsureSuccessStatusCode();
            PrivateFiles.Replace(PostedFile, Encoding.ASCII.GetBytes(name));
        }
    }

    private string PathOf(DateTimeOffset at) =>
        Path.Combine(plane.AnchorsDirectory, at.UtcDateTime.ToString(NameFormat, CultureInfo.InvariantCulture) + Extension);
}
