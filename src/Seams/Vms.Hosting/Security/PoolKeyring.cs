using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Vms.Hosting;

/// <summary>A key that recordings are encrypted with.</summary>
/// <param name="Id">Names it in what it encrypted.</param>
/// <param name="Key">AES-256; 32 bytes.</param>
public sealed record StoredDataKey(ulong Id, DateTimeOffset CreatedAt, ReadOnlyMemory<byte> Key);

/// <summary>
/// The data keys of a storage pool, each wrapped with the pool's key (AES-256-GCM). The pool's key is a file of its own,
/// <c>keys/storage-POOL.FINGERPRINT.key</c>; the wrapped keys stand in <c>keys/storage-POOL.keyring</c> and, the same once more, in the pool, so that a
/// disk and one key file are enough to read what is on it. Layout in docs/ref/segment-format.md.
/// </summary>
/// <remarks>What is read is a moment's state. Changes go under a lock of the keys' directory: recorder and <c>vms storage</c> may both make them.</remarks>
public sealed class PoolKeyring
{
    public const string MainPool = "main";

    /// <summary>One a month, and whenever somebody asks, for longer than any disk lives.</summary>
    public const int MaxKeys = 4096;

    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int FingerprintBytes = 8;
    private const int MaxFileBytes = 1 << 20;
    private const int MaxPoolKeys = 1024;       // of all pools that ever were
    private const string FirstLine = "vms keyring 1";
    private const string KeyPrefix = "storage-";
    private const string KeyExtension = ".key";
    private const string KeyringExtension = ".keyring";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ulong, Entry> _entries = [];
    private readonly Dictionary<string, byte[]> _poolKeys = [];
    private readonly List<StoredDataKey> _keys = [];

    private PoolKeyring()
    {
    }

    /// <summary>Without keys.</summary>
    public static PoolKeyring None { get; } = new();

    /// <summary>Those that a pool key opens, oldest first.</summary>
    public IReadOnlyList<StoredDataKey> Keys => _keys;

    /// <summary>Data keys whose pool key is not there: what they encrypted cannot be read.</summary>
    public int Locked => _entries.Count - _keys.Count;

    /// <summary>Where a pool keeps its copy.</summary>
    public static string CopyIn(string poolIndexDirectory) => Path.Combine(poolIndexDirectory, "keyring");

    public static string FileOf(string keysDirectory, string pool) => Path.Combine(keysDirectory, KeyPrefix + pool + KeyringExtension);

    /// <summary>The keys of one pool.</summary>
    /// <param name="copy"><see cref="CopyIn"/>; null for those in <paramref name="keysDirectory"/> alone.</param>
    /// <exception cref="InvalidDataException">A file is no keyring or no key; the message names it.</exception>
    /// <exception cref="IOException">A file that is there cannot be read.</exception>
    public static PoolKeyring Read(string keysDirectory, string pool, string? copy) =>
        Read(KeyFiles(keysDirectory, pool), [FileOf(keysDirectory, pool), .. copy is null ? Array.Empty<string>() : [copy]]);

    /// <summary>All keys in a directory, of whatever pool, and the keyrings that are named besides.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string, string, string)"/>.</exception>
    public static PoolKeyring ReadAll(string keysDirectory, IEnumerable<string> keyrings)
    {
        string[] found = Directory.Exists(keysDirectory) ? Directory.GetFiles(keysDirectory, "*" + KeyringExtension) : [];
        return Read(KeyFiles(keysDirectory, "*"), [.. found, .. keyrings]);
    }

    /// <summary>Makes a data key that encrypts from now on; with it the pool's key, when there is none.</summary>
    /// <returns>The keyring with it.</returns>
    /// <exception cref="IOException">It cannot be stored, and there is no such key.</exception>
    /// <exception cref="InvalidDataException">As for <see cref="Read(string, string, string)"/>, or there are <see cref="MaxKeys"/>.</exception>
    public static PoolKeyring AddKey(string keysDirectory, string pool, string copy, DateTimeOffset now)
    {
        using var only = Lock(keysDirectory, pool);
        var ring = Read(keysDirectory, pool, copy);
        if (ring._entries.Count >= MaxKeys) throw new InvalidDataException($"{FileOf(keysDirectory, pool)} holds {MaxKeys} keys; no more are made");
        byte[] poolKey = ring.PoolKeyInUse() ?? CreatePoolKey(keysDirectory, pool);
        // The newest key is the one in use, also when the clock was set back.
        var createdAt = ring._entries.Values.Select(e => e.CreatedAt.AddSeconds(1)).Append(now).Max();
        ring.Wrap(new StoredDataKey(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))), createdAt, RandomNumberGenerator.GetBytes(KeyBytes)), poolKey);
        ring.Store(FileOf(keysDirectory, pool), copy);
        return Read(keysDirectory, pool, copy);
    }

    /// <summary>Makes a new pool key, wraps all data keys that can be opened with it, and deletes the pool keys that nothing needs any more.</summary>
    /// <returns>How many data keys were wrapped anew.</returns>
    /// <exception cref="IOException">Not everything could be stored; whatever was, the keys can still be read.</exception>
    public static int ReplacePoolKey(string keysDirectory, string pool, string copy)
    {
        using var only = Lock(keysDirectory, pool);
        var ring = Read(keysDirectory, pool, copy);
        if (ring._keys.Count == 0) throw new InvalidDataException($"{FileOf(keysDirectory, pool)} has no key that could be opened: there is nothing to wrap anew");
        var replaced = ring._entries.Values.Select(e => e.PoolKey).ToHashSet();
        byte[] poolKey = CreatePoolKey(keysDirectory, pool);
        foreach (var key in ring._keys.ToList()) ring.Wrap(key, poolKey);
        ring.Store(FileOf(keysDirectory, pool), copy, copyIsNeeded: true);

        // Only now: both copies of the keyring can do without the former ones.
        var needed = ring._entries.Values.Select(e => e.PoolKey).ToHashSet();
        // A key that wrapped nothing here may be that of a disk which is somewhere else.
        foreach (string file in KeyFiles(keysDirectory, pool).Where(f => FingerprintOf(ReadPoolKey(f)) is var key && replaced.Contains(key) && !needed.Contains(key)))
            File.Delete(file);
        return ring._keys.Count;
    }

    private static PoolKeyring Read(IReadOnlyList<string> keyFiles, IEnumerable<string> keyrings)
    {
        var ring = new PoolKeyring();
        foreach (string file in keyFiles)
        {
            byte[] key = ReadPoolKey(file);
            ring._poolKeys[FingerprintOf(key)] = key;
        }

        foreach (string file in keyrings.Where(File.Exists))
        {
            foreach (var entry in Parse(file)) ring.Add(entry);
        }

        ring.OpenAll();
        return ring;
    }

    /// <summary>One copy may be older: what can be opened counts, whichever copy it stands in.</summary>
    private void Add(Entry entry)
    {
        if (!_entries.TryGetValue(entry.Id, out var known) || (Open(known) is null && Open(entry) is not null)) _entries[entry.Id] = entry;
    }

    private void OpenAll()
    {
        _keys.Clear();
        foreach (var entry in _entries.Values.OrderBy(e => e.CreatedAt).ThenBy(e => e.Id))
        {
            if (Open(entry) is { } key)
                _keys.Add(new StoredDataKey(entry.Id, entry.CreatedAt, key));
        }
    }

    /// <summary>The one that the newest data key is wrapped with; any there is, before the first.</summary>
    private byte[]? PoolKeyInUse() => _keys.Count > 0 ? _poolKeys[_entries[_keys[^1].Id].PoolKey]
        : _poolKeys.OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => k.Value).FirstOrDefault();

    private void Wrap(StoredDataKey key, byte[] poolKey)
    {
        byte[] wrapped = new byte[NonceBytes + TagBytes + KeyBytes];
        var nonce = wrapped.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(poolKey, TagBytes);
        var createdAt = DateTimeOffset.FromUnixTimeSeconds(key.CreatedAt.ToUnixTimeSeconds());
        aes.Encrypt(nonce, key.Key.Span, wrapped.AsSpan(NonceBytes + TagBytes), wrapped.AsSpan(NonceBytes, TagBytes), Associated(key.Id, createdAt));
        string fingerprint = FingerprintOf(poolKey);
        _poolKeys[fingerprint] = poolKey;
        _entries[key.Id] = new Entry(key.Id, createdAt, fingerprint, wrapped);
    }

    /// <summary>Null when its pool key is not there, or it is not what was wrapped.</summary>
    private byte[]? Open(Entry entry) => _poolKeys.TryGetValue(entry.PoolKey, out byte[]? poolKey) ? TryOpen(entry, poolKey) : null;

    private static byte[]? TryOpen(Entry entry, byte[] poolKey)
    {
        byte[] key = new byte[KeyBytes];
        using var aes = new AesGcm(poolKey, TagBytes);
        try
        {
            aes.Decrypt(
                entry.Wrapped.AsSpan(0, NonceBytes), entry.Wrapped.AsSpan(NonceBytes + TagBytes), entry.Wrapped.AsSpan(NonceBytes, TagBytes), key, Associated(entry.Id, entry.CreatedAt));
            return key;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Associated(ulong id, DateTimeOffset createdAt) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"vms data key {id:x16} {createdAt.ToUnixTimeSeconds()}"));

    /// <param name="copyIsNeeded">Otherwise a pool that is full or away gets it with the next change.</param>
    private void Store(string file, string copy, bool copyIsNeeded = false)
    {
        var text = new StringBuilder(FirstLine).Append('\n');
        foreach (var e in _entries.Values.OrderBy(e => e.CreatedAt).ThenBy(e => e.Id))
            text.Append(CultureInfo.InvariantCulture, $"{e.Id:x16} {e.CreatedAt.ToUnixTimeSeconds()} {e.PoolKey} {Convert.ToBase64String(e.Wrapped)}\n");
        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        PrivateFiles.Replace(file, bytes);
        try
        {
            PrivateFiles.Replace(copy, bytes);
        }
        catch (Exception e) when (!copyIsNeeded && e is IOException or UnauthorizedAccessException)
        {
            // Recording on a full disk makes room; it must not need any to begin.
        }
    }

    private static List<Entry> Parse(string file)
    {
        if (new FileInfo(file).Length > MaxFileBytes) throw NoKeyring(file);
        string[] lines = File.ReadAllLines(file);
        if (lines.Length == 0 || lines[0] != FirstLine || lines.Length > MaxKeys + 1) throw NoKeyring(file);
        var entries = new List<Entry>();
        foreach (string line in lines.Skip(1))
        {
            if (line.Split(' ') is not [var id, var created, { Length: FingerprintBytes * 2 } poolKey, var wrapped]
                || !ulong.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
                || !long.TryParse(created, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                || !TryReadBase64(wrapped, NonceBytes + TagBytes + KeyBytes, out byte[] bytes))
            {
                throw NoKeyring(file);
            }

            entries.Add(new Entry(number, DateTimeOffset.FromUnixTimeSeconds(seconds), poolKey, bytes));
        }

        return entries;
    }

    private static InvalidDataException NoKeyring(string file) =>
        new($"{file} is no keyring: put back the file that was there, or move it away; the same keys stand in the pool's .index/keyring and in keys/");

    private static string[] KeyFiles(string keysDirectory, string pool)
    {
        string[] files = Directory.Exists(keysDirectory) ? Directory.GetFiles(keysDirectory, $"{KeyPrefix}{pool}.*{KeyExtension}") : [];
        return files.Length <= MaxPoolKeys ? files : throw new InvalidDataException($"{keysDirectory} holds {files.Length} pool keys; expected at most {MaxPoolKeys}");
    }

    private static byte[] CreatePoolKey(string keysDirectory, string pool)
    {
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        PrivateFiles.CreateDirectory(keysDirectory);
        PrivateFiles.Replace(
            Path.Combine(keysDirectory, $"{KeyPrefix}{pool}.{FingerprintOf(key)}{KeyExtension}"), Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
        return key;
    }

    private static byte[] ReadPoolKey(string file) =>
        new FileInfo(file).Length <= MaxFileBytes && TryReadBase64(File.ReadAllText(file).Trim(), KeyBytes, out byte[] key)
            ? key : throw new InvalidDataException($"{file} holds no key of a storage pool: put back the file that was there, or move it away");

    private static bool TryReadBase64(string text, int length, out byte[] bytes)
    {
        bytes = new byte[length];
        return text.Length == (length + 2) / 3 * 4 && Convert.TryFromBase64String(text, bytes, out int written) && written == length;
    }

    /// <summary>Names a pool key without telling anything of it.</summary>
    private static string FingerprintOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData([.. "vms pool key"u8, .. key]).AsSpan(0, FingerprintBytes));

    private static ExclusiveLock Lock(string keysDirectory, string pool)
    {
        ExclusiveLock? taken = null;
        return SpinWait.SpinUntil(() => (taken = ExclusiveLock.TryTake(keysDirectory, KeyPrefix + pool)) is not null, s_patience)
            ? taken! : throw new IOException($"{Path.Combine(keysDirectory, KeyPrefix + pool)}.lock is held by another process; try again");
    }

    /// <param name="PoolKey">Fingerprint of the key that it is wrapped with.</param>
    private sealed record Entry(ulong Id, DateTimeOffset CreatedAt, string PoolKey, byte[] Wrapped);
}
