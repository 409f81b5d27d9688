using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Native.Storage;

namespace Vms.Recorder.Exports;

/// <summary>Where exports stand on the disk: a folder each, with <c>spec.json</c>, <c>state.json</c> and the files. Apart from the recordings, whose retention
/// knows nothing of them; with a ceiling of its own. One caller at a time per export.</summary>
internal sealed class ExportFolder(PlaneOptions plane, RecorderOptions options)
{
    private const string SpecFile = "spec.json";
    private const string StateFile = "state.json";
    private const string FilesFolder = "files";
    private const string PartExtension = ".part";

    public string Root { get; } = Path.GetFullPath(options.ExportDirectory ?? plane.ExportsDirectory);

    /// <summary>Of files that are finished.</summary>
    public string PathOf(string id, string name) => Path.Combine(Root, id, FilesFolder, name);

    /// <summary>What is being written: it has another name until it is finished.</summary>
    public string PartOf(string id, string name) => PathOf(id, name) + PartExtension;

    /// <exception cref="IOException">No room, or no access.</exception>
    public void Create(ExportSpec spec)
    {
        PrivateFiles.CreateDirectory(Root);
        PrivateFiles.CreateDirectory(Path.Combine(Root, spec.Id));
        PrivateFiles.CreateDirectory(Path.Combine(Root, spec.Id, FilesFolder));
        PrivateFiles.Replace(Path.Combine(Root, spec.Id, SpecFile), Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(spec)));
    }

    public void Save(string id, ExportState state) => PrivateFiles.Replace(Path.Combine(Root, id, StateFile), state.ToBytes());

    /// <summary>Everything that is there, as it was left. A folder without a readable request is nobody's: it goes.</summary>
    public List<ExportJob> Load()
    {
        var jobs = new List<ExportJob>();
        if (!Directory.Exists(Root)) return jobs;
        foreach (string folder in Directory.GetDirectories(Root).Order(StringComparer.Ordinal))
        {
            if (TryRead(folder) is not { } spec)
            {
                Directory.Delete(folder, recursive: true);
                continue;
            }

            var state = ReadState(folder);
            if (!state.IsOver)
            {
                string files = Path.Combine(folder, FilesFolder);
                PrivateFiles.CreateDirectory(files);
                foreach (string part in Directory.GetFiles(files, "*" + PartExtension)) File.Delete(part);
                state = state with { State = ExportStates.Queued };
            }

            jobs.Add(new ExportJob(spec, state));
        }

        return jobs;
    }

    public void DeleteFiles(string id)
    {
        string files = Path.Combine(Root, id, FilesFolder);
        if (Directory.Exists(files)) Directory.Delete(files, recursive: true);
    }

    /// <summary>The request goes first: what is left after a power cut belongs to nobody.</summary>
    public void Delete(string id)
    {
        string folder = Path.Combine(Root, id);
        if (!Directory.Exists(folder)) return;
        File.Delete(Path.Combine(folder, SpecFile));
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Bytes that all exports take.</summary>
    public long UsedBytes() => Directory.Exists(Root)
        ? new DirectoryInfo(Root).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) : 0;

    public long FreeBytes()
    {
        PrivateFiles.CreateDirectory(Root);
        using var volume = new StorageVolume(Root);
        return volume.FreeBytes;
    }

    private static ExportSpec? TryRead(string folder)
    {
        try
        {
            return JsonParser.Default.Parse<ExportSpec>(File.ReadAllText(Path.Combine(folder, SpecFile))) is { } spec && spec.Id == Path.GetFileName(folder)
                ? spec : null;
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidJsonException or InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static ExportState ReadState(string folder)
    {
        try
        {
            return ExportState.Read(File.ReadAllBytes(Path.Combine(folder, StateFile)));
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return ExportState.Queued;
        }
    }
}
