using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Vms.EndToEnd.Tests.Chaos;

/// <summary>What a call did to a file.</summary>
internal enum FileChange
{
    /// <summary>The file is there, and empty where <see cref="FileCall.Length"/> is 0.</summary>
    Create,

    /// <summary><see cref="FileCall.Data"/> at <see cref="FileCall.Offset"/>.</summary>
    Write,

    /// <summary>Its end is at <see cref="FileCall.Length"/>.</summary>
    Truncate,

    /// <summary>It is called <see cref="FileCall.Target"/> from now on.</summary>
    Rename,

    /// <summary>It has the name <see cref="FileCall.Target"/>, too.</summary>
    Link,

    Unlink,
    MakeDirectory,

    /// <summary>Everything that was done to this file, or to the names in this directory, is durable.</summary>
    SyncFile,

    /// <summary>Everything that was done to any file is durable.</summary>
    SyncAll,
}

/// <param name="Start">Seconds since 1970; likewise <paramref name="End"/>.</param>
/// <param name="Length">-1 where it has none.</param>
internal sealed record FileCall(
    double Start, double End, FileChange Change, string Path, string Target = "", byte[]? Data = null, long Offset = 0, long Length = -1);

/// <summary>Everything that a process did to the files below a folder, from the log of <see cref="Arguments"/>, in order of completion.</summary>
internal sealed partial class WriteLog
{
    /// <summary>For <see cref="SystemCallTrace"/>: times, durations, paths, and all that is written.</summary>
    public static readonly string[] Arguments =
    [
        "-ttt", "-T", "-y", "-xx", "-s", "67108864",
        "-e", "trace=pwrite64,pwritev,write,writev,ftruncate,truncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,openat,open,creat,syncfs,fsync,fdatasync,sync",
    ];

    private readonly string _folder;

    private WriteLog(string folder) => _folder = folder;

    public IReadOnlyList<FileCall> Calls { get; private set; } = [];

    /// <exception cref="InvalidDataException">The process wrote in a way that this does not know: nothing it said would be right.</exception>
    public static WriteLog Read(string path, string folder)
    {
        var log = new WriteLog(folder);
        log.Calls = [.. log.Parse(File.ReadLines(path)).OrderBy(c => c.End)];
        return log;
    }

    private IEnumerable<FileCall> Parse(IEnumerable<string> lines)
    {
        // A call during which another thread made one stands in two lines.
        var unfinished = new Dictionary<string, string>();
        foreach (var line in lines)
        {
            if (Line().Match(line) is not { Success: true } parts)
                continue;
            var (thread, time, text) = (parts.Groups[1].Value, parts.Groups[2].Value, parts.Groups[3].Value);
            if (text.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                unfinished[thread] = $"{time} {text[..^Unfinished.Length]}";
                continue;
            }

            if (Resumed().Match(text) is { Success: true } resumed)
            {
                if (!unfinished.Remove(thread, out var begun))
                    continue;
                (time, text) = (begun[..begun.IndexOf(' ', StringComparison.Ordinal)], begun[(begun.IndexOf(' ', StringComparison.Ordinal) + 1)..] + text[resumed.Length..]);
            }

            if (Call().Match(text) is { Success: true } call && call.Groups["result"].Value[0] != '-'
                && Of(call.Groups["name"].Value, call.Groups["arguments"].Value, double.Parse(time, CultureInfo.InvariantCulture),
                    double.Parse(call.Groups["took"].Value, CultureInfo.InvariantCulture)) is { } done)
            {
                yield return done;
            }
        }
    }

    private FileCall? Of(string name, string arguments, double start, double took)
    {
        if (name is "syncfs" or "sync")
            return new FileCall(start, start + took, FileChange.SyncAll, "");
        var strings = Quoted().Matches(arguments);
        bool byName = name is "rename" or "renameat" or "renameat2" or "link" or "linkat" or "unlink" or "unlinkat" or "mkdir" or "mkdirat" or "openat" or "open" or "creat" or "truncate";
        string path = byName ? Text(strings[0].Groups[1].Value) : Descriptor().Match(arguments) is { Success: true } fd ? Text(fd.Groups[1].Value) : "";
        if (!path.StartsWith(_folder, StringComparison.Ordinal))
            return null;
        var call = new FileCall(start, start + took, FileChange.Write, path);
        string[] rest = arguments.Split(", ");
        return name switch
        {
            "pwrite64" => call with { Data = Bytes(strings[0].Groups[1].Value), Offset = long.Parse(rest[^1], CultureInfo.InvariantCulture) },
            "ftruncate" => call with { Change = FileChange.Truncate, Length = long.Parse(rest[^1], CultureInfo.InvariantCulture) },
            "rename" or "renameat" or "renameat2" => call with { Change = FileChange.Rename, Target = Text(strings[1].Groups[1].Value) },
            "link" or "linkat" => call with { Change = FileChange.Link, Target = Text(strings[1].Groups[1].Value) },
            "unlink" or "unlinkat" => call with { Change = FileChange.Unlink },
            "mkdir" or "mkdirat" => call with { Change = FileChange.MakeDirectory },
            "fsync" or "fdatasync" => call with { Change = FileChange.SyncFile },
            "open" or "openat" when arguments.Contains("O_TRUNC", StringComparison.Ordinal) => call with { Change = FileChange.Create, Length = 0 },
            "open" or "openat" => arguments.Contains("O_CREAT", StringComparison.Ordinal) ? call with { Change = FileChange.Create } : null,
            _ => throw new InvalidDataException($"{name} of {path} is not known to the model"),
        };
    }

    private static string Text(string hex) => Encoding.UTF8.GetString(Bytes(hex));

    /// <summary>From <c>\x61\x62</c>.</summary>
    private static byte[] Bytes(string hex)
    {
        var bytes = new byte[hex.Length / 4];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = byte.Parse(hex.AsSpan((i * 4) + 2, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return bytes;
    }

    private const string Unfinished = " <unfinished ...>";

    [GeneratedRegex(@"^(\d+) +(\d+\.\d+) (.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?<name>\w+)\((?<arguments>.*)\) += (?<result>-?\d+)[^=]*<(?<took>\d+\.\d+)>$")]
    private static partial Regex Call();

    [GeneratedRegex("\"((?:\\\\x[0-9a-f]{2})*)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\d+<((?:\\x[0-9a-f]{2})*)>")]
    private static partial Regex Descriptor();
}
