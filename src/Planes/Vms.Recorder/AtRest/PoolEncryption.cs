using System.Security.Cryptography;
using Vms.Containers.AtRest;
using Vms.Hosting;
using Vms.Recorder.Archive;

namespace Vms.Recorder.AtRest;

/// <summary>
/// Encrypts what goes to one pool. Nonces are random; a key is given up after <see cref="KeyAge"/> or <see cref="MaxFragments"/>, long before two of
/// them could be expected to be the same. Nothing is allocated per fragment.
/// </summary>
/// <remarks><see cref="Encrypt"/> by the pool's writer thread; the rest by any.</remarks>
internal sealed partial class PoolEncryption
{
    /// <summary>A new key is made after this, so that what a stolen key opens is a month.</summary>
    public static readonly TimeSpan KeyAge = TimeSpan.FromDays(30);

    /// <summary>NIST SP 800-38D §8.3 allows 2^32 random nonces a key. A quarter of that is used by one run of a recorder.</summary>
    public const long MaxFragments = 1L << 30;

    /// <summary>Somebody may have made a new key, and one that could not be made is tried again.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(10);

    private readonly StorageKeys _keys;
    private readonly string _pool;
    private readonly string _copy;
    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Lock _making = new();      // a still and a recording may both be the first
    private volatile DataKey? _current;
    private DateTimeOffset _createdAt;
    private DateTime _writtenAt;
    private long _lookedAt;
    private long _fragments;
    private bool _told;

    /// <param name="isOn">Whether new recordings are encrypted. Old ones can be read either way.</param>
    /// <exception cref="IOException">It is on for the main pool, and no key can be stored: nothing is recorded in plain that was to be encrypted. A
    /// further pool may not be there yet; it gets its key with its first fragment.</exception>
    /// <exception cref="InvalidDataException">A key file is damaged; the message names it.</exception>
    public PoolEncryption(StorageKeys keys, PoolRoot pool, bool isOn, TimeProvider time, ILogger<PoolEncryption> logger)
    {
        _keys = keys;
        _pool = pool.Name;
        _copy = PoolKeyring.CopyIn(pool.IndexPath);
        _file = PoolKeyring.FileOf(keys.KeysDirectory, pool.Name);
        _time = time;
        _logger = logger;
        IsOn = isOn;
        Use(keys.Add(pool));
        if (isOn && pool.IsMain && _current is null) MakeFirst();
        if (isOn && _current is not null) Log.On(logger, _pool, _current.Id);
    }

    public bool IsOn { get; }

    /// <summary>Padding that fragments for this pool need.</summary>
    public int ReservedBytes => IsOn ? EncryptedFragment.TrailerBytes : 0;

    /// <summary>What pictures that are kept beside encrypted recordings are encrypted with; null when there never were any.</summary>
    public DataKey? PictureKey => _current;

    /// <summary>The same for a picture that may come before the first recording: while the pool is encrypted there is always one.</summary>
    /// <exception cref="IOException">The pool has no key, and none can be stored; likewise <see cref="UnauthorizedAccessException"/>.</exception>
    public DataKey? StillKey()
    {
        if (IsOn && _current is null) MakeFirst();
        return _current;
    }

    /// <summary>Encrypts a fragment in place, when the pool is encrypted.</summary>
    /// <exception cref="IOException">The pool has no key, and none can be stored.</exception>
    /// <param name="fragment">All of it, with <see cref="ReservedBytes"/> of padding.</param>
    public void Encrypt(Span<byte> fragment)
    {
        if (!IsOn) return;
        Span<byte> nonce = stackalloc byte[DataKey.NonceBytes];
        RandomNumberGenerator.Fill(nonce);
        if (!EncryptedFragment.TryEncrypt(fragment, Current(), nonce)) throw new InvalidOperationException("The fragment was made without room for encryption");
        _fragments++;
    }

    private DataKey Current()
    {
        if (_time.GetElapsedTime(_lookedAt) >= s_look)
        {
            _lookedAt = _time.GetTimestamp();
            LookAgain();
        }

        if (_current is null) MakeFirst();
        return _current!;
    }

    private void MakeFirst()
    {
        using var making = _making.EnterScope();
        if (_current is not null) return;
        try
        {
            Use(PoolKeyring.AddKey(_keys.KeysDirectory, _pool, _copy, _time.GetUtcNow()));
        }
        catch (InvalidDataException e)
        {
            throw new IOException(e.Message, e);        // the pool takes nothing, and another one does
        }
    }

    private void LookAgain()
    {
        try
        {
            if (File.GetLastWriteTimeUtc(_file) != _writtenAt) Use(PoolKeyring.Read(_keys.KeysDirectory, _pool, _copy));
            if (_time.GetUtcNow() - _createdAt >= KeyAge || _fragments >= MaxFragments)
            {
                Use(PoolKeyring.AddKey(_keys.KeysDirectory, _pool, _copy, _time.GetUtcNow()));
                Log.Renewed(_logger, _pool, _current!.Id);
            }

            _told = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (!_told) Log.NotRenewed(_logger, _pool, e.Message);
            _told = true;
        }
    }

    /// <summary>The newest key that can be opened; the one in use goes on when there is none.</summary>
    private void Use(PoolKeyring ring)
    {
        lock (_gate)
        {
            _writtenAt = File.GetLastWriteTimeUtc(_file);
            _lookedAt = _time.GetTimestamp();
            _keys.Keep(ring);
            if (ring.Keys.Count == 0 || _keys.Find(ring.Keys[^1].Id) is not { } newest || newest == _current) return;
            _current = newest;
            _createdAt = ring.Keys[^1].CreatedAt;
            _fragments = 0;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3830, LogLevel.Information, "Pool {Pool}: recordings are encrypted, with key {KeyId:x16}")]
        public static partial void On(ILogger logger, string pool, ulong keyId);

        [LoggerMessage(3831, LogLevel.Information, "Pool {Pool}: recordings are encrypted with a new key from now on, {KeyId:x16}; those before stay readable")]
        public static partial void Renewed(ILogger logger, string pool, ulong keyId);

        [LoggerMessage(3832, LogLevel.Error, "Pool {Pool}: the keys of encrypted recordings cannot be renewed ({Reason}); recording goes on with the key in use, and it is tried again")]
        public static partial void NotRenewed(ILogger logger, string pool, string reason);
    }
}
