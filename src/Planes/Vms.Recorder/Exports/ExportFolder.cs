using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Native.Storage;

namespace Vms.Recorder.Exports;

/// <summary>Where exports stand on the disk: a folder each, with <c>spec.json</c>, <c>state.json</c> and the files. Apart from the recordings, whose retention
/// knows nothing of them; with a ceiling of its own. What has no id of an export for a name is never touched. One caller at a time per export.</summary>
internal sealed partial class ExportFolder(PlaneOptions plane, RecorderOptions options, ILogger<ExportFolder> logger)
{
    private const int IdCharacters = 32;
    private const string SpecFile = "spec.json";
    private const string StateFile = "state.json";
    private const string FilesFolder = "files";
    private const string PartExtension = ".part";

    private static readonly EnumerationOptions s_everything = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };

    public string Root { get; } = ExportRoot.Of(options, plane);

    /// <summary>As control makes them; the only names of folders here.</summary>
    public static bool IsId(string name) => name.Length == IdCharacters && name.All(char.IsAsciiHexDigitLower);

    /// <summary>Of files that are finished.</summary>
    public string PathOf(string id, string name) => Path.Combine(Root, id, FilesFolder, name);

    /// <summary>Of one export; what is in it beside <c>files</c> is never downloaded.</summary>
    public string FolderOf(string id) => Path.Combine(Root, id);

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

    /// <summary>Every export that is there, as it was left. What cannot be read is left alone.</summary>
    public List<ExportJob> Load()
    {
        var jobs = new List<ExportJob>();
        if (!Directory.Exists(Root)) return jobs;
        foreach (string folder in Directory.GetDirectories(Root).Order(StringComparer.Ordinal))
        {
            if (!IsId(Path.GetFileName(folder)))
            {
                Log.Foreign(logger, folder);
                continue;
            }

            try
            {
                if (Load(folder) is { } job) jobs.Add(job);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidJsonException or InvalidProtocolBufferException)
            {
                Log.LeftOut(logger, folder, e.Message);
            }
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
        ? new DirectoryInfo(Root).EnumerateFiles("*", s_everything).Sum(f => f.Length) : 0;

    public long FreeBytes()
    {
        PrivateFiles.CreateDirectory(Root);
        using var volume = new StorageVolume(Root);
        return volume.FreeBytes;
    }

    /// <returns>Null for what is left of one that was deleted, or never begun: it goes.</returns>
    private static ExportJob? Load(string folder)
    {
        // By the listing: a folder that cannot be read is not one without a request.
        if (!Directory.EnumerateFiles(folder, SpecFile).Any())
        {
            Directory.Delete(folder, recursive: true);
            return null;
        }

        var spec = JsonParser.Default.Parse<ExportSpec>(File.ReadAllText(Path.Combine(folder, SpecFile)));
        if (spec.Id != Path.GetFileName(folder)) throw new IOException($"its {SpecFile} is of another export");
        var state = ReadState(folder);
        if (!state.IsOver)
        {
            string files = Path.Combine(folder, FilesFolder);
            PrivateFiles.CreateDirectory(files);
            foreach (string part in Directory.GetFiles(files, "*" + PartExtension)) File.Delete(part);
            state = state with { State = ExportStates.Queued, Files = [.. state.Files.Where(f => File.Exists(Path.Combine(files, f.File.Name)))] };
        }

        return new ExportJob(spec, state);
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

    private static partial class Log
    {
        [LoggerMessage(3707, LogLevel.Warning, "{Folder} is no export and is left alone")]
        public static partial void Foreign(ILogger logger, string folder);

        [LoggerMessage(3708, LogLevel.Warning, "The export in {Folder} cannot be read ({Reason}); it is left alone, and goes when it is deleted")]
        public static partial void LeftOut(ILogger logger, string folder, string reason);
    }
}
