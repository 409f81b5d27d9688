using System.Security.Cryptography;
using System.Text;
using Vms.Containers.Integrity;
using Vms.Containers.Zip;
using Vms.Hosting;
using Vms.Recorder.Integrity;

namespace Vms.Recorder.Exports;

/// <summary>Closes an export: writes the page that verifies it, the manifest and its signature beside the recordings.</summary>
internal sealed class ExportClosing(ExportFolder folder, IntegrityKey key, PlaneOptions plane, TimeProvider time)
{
    private static readonly byte[] s_page = ReadPage();

    /// <exception cref="IOException">No room, or no access.</exception>
    public ExportState Close(ExportJob job, IReadOnlyList<ExportedCamera> cameras)
    {
        var now = time.GetUtcNow();
        var (from, to) = ExportRun.RangeOf(job.Spec);
        byte[] manifest = new ExportManifest(
            ExportManifest.FormatName,
            job.Spec.Id,
            RecorderApp.Software,
            now,
            job.Spec.RequestedBy,
            job.Spec.Note,
            from,
            to,
            Convert.ToHexStringLower(key.Signer.KeyId),
            File.ReadAllText(plane.IntegrityPublicKeyFile),
            cameras,
            [new ExportedAttachment(ExportManifest.PageFileName, s_page.Length, HashOf(s_page))]).ToBytes();
        var recordings = job.State.Files.ToDictionary(f => f.File.Name);
        ExportEntry[] entries =
        [
            Put(job, ExportManifest.FileName, manifest),
            Put(job, ExportManifest.SignatureFileName, Encoding.ASCII.GetBytes(ExportManifest.Sign(manifest, key.Signer))),
            Put(job, ExportManifest.PageFileName, s_page),
            .. cameras.SelectMany(c => c.Files).Select(f => new ExportEntry(f.Name, f.Bytes, f.Sha256, recordings[f.Name].Crc32, recordings[f.Name].CameraId)),
        ];
        return job.State with { State = ExportStates.Done, Entries = entries, ExportedAt = now };
    }

    private ExportEntry Put(ExportJob job, string name, byte[] bytes)
    {
        PrivateFiles.Replace(folder.PathOf(job.Spec.Id, name), bytes);
        return new ExportEntry(name, bytes.Length, HashOf(bytes), Crc32.Append(0, bytes), "");
    }

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] ReadPage()
    {
        using var page = typeof(ExportClosing).Assembly.GetManifestResourceStream("Vms.Recorder.Exports.verify.html")!;
        byte[] bytes = new byte[page.Length];
        page.ReadExactly(bytes);
        return bytes;
    }
}
