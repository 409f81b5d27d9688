using Vms.Containers;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;

namespace Vms.Recorder.Tests.AtRest;

/// <summary>Looks at encrypted files from outside, with the installation's keys.</summary>
internal sealed class EncryptedArchive : IDisposable
{
    private readonly Dictionary<ulong, DataKey> _keys;

    public EncryptedArchive(string data, ArchiveLayout layout)
    {
        var ring = PoolKeyring.Read(Path.Combine(data, "keys"), PoolKeyring.MainPool, PoolKeyring.CopyIn(layout.IndexPath));
        _keys = ring.Keys.ToDictionary(k => k.Id, k => new DataKey(k.Id, k.Key.Span));
    }

    public int Keys => _keys.Count;

    public DataKey? Find(ulong id) => _keys.GetValueOrDefault(id);

    /// <summary>The file as it was recorded.</summary>
    public byte[] Restored(string path)
    {
        byte[] file = ArchiveJudge.ReadShared(path);
        foreach (var entry in FragmentsOf(file))
            Assert.Equal(Containers.AtRest.Restored.Canonical, FragmentRestoration.Restore(file.AsSpan((int)entry.Offset, entry.Length), Find));
        return file;
    }

    public static IReadOnlyList<FragmentEntry> FragmentsOf(byte[] file)
    {
        Assert.True(Fmp4InitReader.TryRead(file, out _, out int init));
        return Fmp4FragmentScanner.Scan(new MemoryStream(file), init).Fragments;
    }

    public static IReadOnlyList<StoredForm> FormsOf(string path)
    {
        byte[] file = ArchiveJudge.ReadShared(path);
        return [.. FragmentsOf(file).Select(f => FragmentHeader.FormOf(file.AsSpan((int)f.Offset)))];
    }

    /// <summary>Keys that fragments of a file name, in their order, each once where it begins.</summary>
    public static IReadOnlyList<ulong> KeysOf(string path)
    {
        byte[] file = ArchiveJudge.ReadShared(path);
        var ids = new List<ulong>();
        foreach (var f in FragmentsOf(file))
        {
            if (EncryptedFragment.TryReadKeyId(file.AsSpan((int)f.Offset, f.Length), out ulong id) && (ids.Count == 0 || ids[^1] != id)) ids.Add(id);
        }

        return ids;
    }

    /// <summary>As <see cref="ArchiveJudge.AssertChained"/>.</summary>
    public int AssertChained(IReadOnlyList<string> files, string data)
    {
        using var keys = IntegrityKeys.FromPem(File.ReadAllText(Path.Combine(data, "keys", "integrity.pub")));
        var verifier = new ChainVerifier(keys, keyOf: Find);
        int unanchored = 0;
        foreach (string path in files)
        {
            var verdict = verifier.Verify(path, new MemoryStream(ArchiveJudge.ReadShared(path), writable: false));
            Assert.True(verdict.Findings.Count == 0, string.Join('\n', verdict.Findings));
            Assert.Equal(0, verdict.LockedFragments);
            unanchored = verdict.AnchoredUntil is null ? unanchored + verdict.Fragments : verdict.UnanchoredFragments;
        }

        return unanchored;
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }
}
