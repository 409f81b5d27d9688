using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Vms.Containers.Integrity;
using Vms.Hosting;

namespace Vms.Recorder.Integrity;

/// <summary>The anchor records of the installation, one file each, and their way out: what did not get through is tried again. A note per record and
/// target says what is still to be delivered, so that neither a clock that jumped nor a target that is away makes one forgotten. One caller at a
/// time.</summary>
internal sealed class AnchorStore(PlaneOptions plane, RecorderOptions options, IntegrityKey key) : IDisposable
{
    /// <summary>The newest ones stay here, for whoever has no folder outside.</summary>
    private const int KeptRecords = 1000;

    private const string ToFolder = "folder";
    private const string ToAddress = "address";

    private const string Extension = ".jws";

    /// <summary>Sorts as the times do.</summary>
    private const string NameFormat = "yyyyMMdd'T'HHmmss'Z'";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public bool Has(DateTimeOffset at) => File.Exists(PathOf(at));

    /// <summary>Keeps one, to be delivered.</summary>
    /// <exception cref="IOException">No room, or no access.</exception>
    public void Add(DateTimeOffset at, AnchorRecord record)
    {
        PrivateFiles.CreateDirectory(plane.AnchorsDirectory);
        if (options.AnchorDirectory is not null)
            File.WriteAllBytes(NoteOf(ToFolder, NameOf(at)), []);
        if (options.AnchorUrl is not null)
            File.WriteAllBytes(NoteOf(ToAddress, NameOf(at)), []);
        PrivateFiles.Replace(PathOf(at), Encoding.ASCII.GetBytes(record.Sign(key.Signer)));
        foreach (string old in Directory.GetFiles(plane.AnchorsDirectory, "*" + Extension).OrderDescending(StringComparer.Ordinal).Skip(KeptRecords))
            File.Delete(old);
    }

    /// <summary>Brings to the folder and the address outside what is not there yet; one that does not take it does not hold up the other.</summary>
    /// <exception cref="AggregateException">What went wrong: <see cref="IOException"/>, <see cref="UnauthorizedAccessException"/>, <see cref="HttpRequestException"/>.</exception>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        await DeliverAsync(ToFolder, options.AnchorDirectory is { } folder ? name => Copy(name, folder) : null, failures);
        await DeliverAsync(ToAddress, options.AnchorUrl is { } url ? name => PostAsync(name, url, cancellationToken) : null, failures);
        if (failures.Count > 0)
            throw new AggregateException(string.Join("; ", failures.Select(f => f.Message)), failures);
    }

    public void Dispose() => _http.Dispose();

    /// <param name="deliver">Null when there is no such target any more.</param>
    private async Task DeliverAsync(string target, Func<string, Task>? deliver, List<Exception> failures)
    {
        if (!Directory.Exists(plane.AnchorsDirectory))
            return;
        foreach (string note in Directory.GetFiles(plane.AnchorsDirectory, "*." + target).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(note);
            try
            {
                if (deliver is not null && File.Exists(Path.Combine(plane.AnchorsDirectory, name)))
                    await deliver(name);
                File.Delete(note);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException or TaskCanceledException)
            {
                failures.Add(e);
                return;
            }
        }
    }

    private Task Copy(string name, string folder)
    {
        string part = Path.Combine(folder, name + ".part");
        File.Copy(Path.Combine(plane.AnchorsDirectory, name), part, overwrite: true);
        File.Move(part, Path.Combine(folder, name), overwrite: true);
        return Task.CompletedTask;
    }

    private async Task PostAsync(string name, Uri url, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Path.Combine(plane.AnchorsDirectory, name), cancellationToken));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/jose");
        using var answer = await _http.PostAsync(url, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private string NoteOf(string target, string name) => Path.Combine(plane.AnchorsDirectory, $"{name}.{target}");

    private string PathOf(DateTimeOffset at) => Path.Combine(plane.AnchorsDirectory, NameOf(at));

    /// <summary>With the key's id: several installations may have one folder.</summary>
    private string NameOf(DateTimeOffset at) =>
        $"{at.UtcDateTime.ToString(NameFormat, CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(key.Signer.KeyId)}{Extension}";
}
