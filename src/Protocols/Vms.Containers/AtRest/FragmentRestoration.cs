using Vms.Containers.Mp4;

namespace Vms.Containers.AtRest;

/// <summary>What became of a fragment that was read.</summary>
public enum Restored
{
    /// <summary>It is in its canonical form now, or was.</summary>
    Canonical,

    /// <summary>Encrypted with a key that is not there. Unchanged.</summary>
    KeyMissing,

    /// <summary>Not what was stored.</summary>
    Altered,
}

/// <summary>The one way from what the disk gives back to what was recorded: behind every reading of a fragment, in front of every look at its content.</summary>
public static class FragmentRestoration
{
    /// <param name="fragment">All of it, as stored. Brought into its canonical form in place; worthless when it is altered.</param>
    /// <param name="keyOf">The data key with an id; null when it is not there.</param>
    public static Restored Restore(Span<byte> fragment, Func<ulong, DataKey?>? keyOf)
    {
        if (!Fmp4FragmentScanner.IsGood(fragment)) return Restored.Altered;
        if (FragmentHeader.FormOf(fragment) == StoredForm.Canonical) return Restored.Canonical;
        if (FragmentHeader.FormOf(fragment) == StoredForm.Matroska) return MatroskaFragment.TryRestore(fragment) ? Restored.Canonical : Restored.Altered;
        if (!EncryptedFragment.TryReadKeyId(fragment, out ulong id)) return Restored.Altered;
        if (keyOf?.Invoke(id) is not { } key) return Restored.KeyMissing;
        return EncryptedFragment.TryDecrypt(fragment, key) ? Restored.Canonical : Restored.Altered;
    }
}
