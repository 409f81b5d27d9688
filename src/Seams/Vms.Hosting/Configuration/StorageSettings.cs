using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;

namespace Vms.Hosting;

/// <summary>What a storage pool is for.</summary>
public enum PoolRole
{
    /// <summary>Cameras are recorded into it.</summary>
    Record,

    /// <summary>Recordings are moved into it when they are old enough.</summary>
    Archive,
}

/// <summary>One pool as the operator described it; null where nothing was said.</summary>
/// <param name="Name">Letters, digits, '-' and '_', at most <see cref="StorageSettings.MaxNameLength"/>.</param>
/// <param name="Path">Absolute; empty for the main pool, whose folder is the one of recordings.</param>
/// <param name="MaxBytes">Ceiling on what its recordings may take.</param>
/// <param name="MinFreeBytes">Its file system always keeps this much free.</param>
/// <param name="HeadroomHours">Besides, room for so many hours at the pool's own bitrate.</param>
/// <param name="MaxAge">What is older goes.</param>
/// <param name="MoveAfter">What is older is moved to a pool of the role archive.</param>
/// <param name="Encrypt">What is recorded into it is encrypted.</param>
public sealed record PoolSettings(
    string Name, string Path, PoolRole Role, long? MaxBytes, long? MinFreeBytes, double? HeadroomHours, TimeSpan? MaxAge, TimeSpan? MoveAfter, bool? Encrypt);

/// <summary>
/// The storage pools beside the main one (<c>storage.json</c>, docs/ref/config.md), read once and validated. The main pool is described by
/// <c>VMS_RECORDER_…</c>; an entry <c>main</c>, without a path, adds what those do not have.
/// </summary>
public sealed record StorageSettings(PoolSettings? Main, IReadOnlyList<PoolSettings> Pools)
{
    public const string MainName = "main";
    public const string FileName = "storage.json";

    /// <summary>With the main one.</summary>
    public const int MaxPools = 16;

    public const int MaxNameLength = 32;

    /// <summary>Sixteen pools take about four kilobytes.</summary>
    private const int MaxFileBytes = 64 << 10;

    private const double MaxHours = 1_000_000;
    private const double MaxDays = 36_500;

    private static readonly string[] s_keys = ["name", "path", "role", "maxBytes", "minFreeBytes", "headroomHours", "maxDays", "moveAfterHours", "encrypt"];
    private static readonly string[] s_mainKeys = ["name", "maxDays", "moveAfterHours"];
    private static readonly StringComparison s_comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    public static StorageSettings None { get; } = new(null, []);

    /// <summary>None when there is no such file.</summary>
    /// <exception cref="ValidationException">It cannot be read, or says something that makes no sense; the message names file and key.</exception>
    public static StorageSettings Load(PlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string file = options.StorageSettingsFile;
        byte[] text;
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > MaxFileBytes })
                throw new ValidationException($"{file} is larger than {MaxFileBytes} bytes");
            text = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return options.StorageFile is not null ? throw new ValidationException($"VMS_STORAGE_FILE: there is no file {file}", e) : None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ValidationException($"{file} cannot be read: {e.Message}", e);
        }

        return Parse(text, file, [options.RecordingsDirectory, options.ExportsDirectory, options.StateDirectory, options.KeysDirectory]);
    }

    /// <param name="file">For messages.</param>
    /// <param name="taken">Folders that no pool may be, hold or lie in.</param>
    /// <exception cref="ValidationException">As for <see cref="Load"/>.</exception>
    public static StorageSettings Parse(ReadOnlyMemory<byte> text, string file, IReadOnlyList<string> taken)
    {
        ArgumentNullException.ThrowIfNull(taken);
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("pools", out var pools) || pools.ValueKind != JsonValueKind.Array)
                throw new ValidationException($"{file}: expected an object with the list 'pools'");
            foreach (var property in document.RootElement.EnumerateObject())
                if (property.Name != "pools") throw new ValidationException($"{file}: '{property.Name}' is not known; expected 'pools'");
            var all = pools.EnumerateArray().Select((pool, i) => new PoolReader(pool, $"{file}: pools[{i}]").Read()).ToList();
            Validate(all, file, taken);
            return new StorageSettings(all.Find(p => p.Name == MainName), [.. all.Where(p => p.Name != MainName)]);
        }
        catch (JsonException e)
        {
            throw new ValidationException($"{file} is no JSON: {e.Message}", e);
        }
    }

    private static void Validate(List<PoolSettings> all, string file, IReadOnlyList<string> taken)
    {
        if (all.Count(p => p.Name != MainName) >= MaxPools)
            throw new ValidationException($"{file}: pools has {all.Count} entries; expected at most {MaxPools} pools with the main one");
        for (int i = 0; i < all.Count; i++)
        {
            var pool = all[i];
            if (all.FindIndex(p => p.Name.Equals(pool.Name, StringComparison.OrdinalIgnoreCase)) < i)
                throw new ValidationException($"{file}: pools[{i}].name is '{pool.Name}', as that of another pool is");
            if (pool.Name == MainName)
                continue;
            var others = taken.Concat(all.Take(i).Where(p => p.Name != MainName).Select(p => p.Path));
            if (others.FirstOrDefault(o => IsIn(pool.Path, o) || IsIn(o, pool.Path)) is { } other)
                throw new ValidationException($"{file}: pools[{i}].path is {pool.Path}; expected a folder that neither is nor holds {other}, nor lies in it");
        }

        if (all.FindIndex(p => p.MoveAfter is not null) is >= 0 and var from && !all.Exists(p => p.Role == PoolRole.Archive))
            throw new ValidationException($"{file}: pools[{from}].moveAfterHours is set, and no pool has the role 'archive' that could be moved to");
    }

    private static bool IsIn(string path, string folder)
    {
        path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        folder = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        return path.Equals(folder, s_comparison)
            || path.StartsWith(System.IO.Path.EndsInDirectorySeparator(folder) ? folder : folder + System.IO.Path.DirectorySeparatorChar, s_comparison);
    }

    /// <summary>Reads one entry; every message begins with where it stands.</summary>
    private readonly struct PoolReader(JsonElement pool, string where)
    {
        public PoolSettings Read()
        {
            if (pool.ValueKind != JsonValueKind.Object)
                throw new ValidationException($"{where}: expected an object");
            string name = Text("name") ?? throw new ValidationException($"{where}.name is missing");
            if (name.Length is 0 or > MaxNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                throw new ValidationException($"{where}.name is '{name}'; expected 1 to {MaxNameLength} letters, digits, '-' or '_'");
            bool isMain = name == MainName;
            foreach (var property in pool.EnumerateObject())
            {
                if (!s_keys.Contains(property.Name))
                    throw new ValidationException($"{where}.{property.Name} is not known; expected {string.Join(", ", s_keys)}");
                if (isMain && !s_mainKeys.Contains(property.Name))
                    throw new ValidationException($"{where}.{property.Name}: the main pool is set by VMS_RECORDER_…, here it has {string.Join(", ", s_mainKeys)} only");
            }

            var role = Text("role") switch
            {
                null or "record" => PoolRole.Record,
                "archive" => PoolRole.Archive,
                var text => throw new ValidationException($"{where}.role is '{text}'; expected record or archive"),
            };
            var moveAfter = Number("moveAfterHours", MaxHours);
            if (moveAfter is not null && role == PoolRole.Archive)
                throw new ValidationException($"{where}.moveAfterHours: nothing is moved out of a pool of the role archive");
            return new PoolSettings(
                name,
                isMain ? "" : Folder(),
                role,
                (long?)Number("maxBytes", long.MaxValue),
                (long?)Number("minFreeBytes", long.MaxValue),
                Number("headroomHours", MaxHours),
                Number("maxDays", MaxDays) is { } days ? TimeSpan.FromDays(days) : null,
                moveAfter is { } hours ? TimeSpan.FromHours(hours) : null,
                Switch("encrypt"));
        }

        private string Folder()
        {
            string path = Text("path") ?? throw new ValidationException($"{where}.path is missing");
            return System.IO.Path.IsPathFullyQualified(path)
                ? System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path))
                : throw new ValidationException($"{where}.path is '{path}'; expected an absolute path");
        }

        private string? Text(string key) =>
            !pool.TryGetProperty(key, out var value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw new ValidationException($"{where}.{key}: expected a text");

        private bool? Switch(string key) =>
            !pool.TryGetProperty(key, out var value) ? null
            : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw new ValidationException($"{where}.{key}: expected true or false");

        private double? Number(string key, double most)
        {
            if (!pool.TryGetProperty(key, out var value))
                return null;
            return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= 0 && number <= most
                ? number
                : throw new ValidationException(string.Create(CultureInfo.InvariantCulture, $"{where}.{key} is {value.GetRawText()}; expected a number from 0 to {most}"));
        }
    }
}
