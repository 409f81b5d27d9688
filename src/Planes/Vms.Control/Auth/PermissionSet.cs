using System.Collections.Frozen;
using System.Numerics;

namespace Vms.Control.Auth;

/// <summary>Some of <see cref="Permissions.All"/>, a bit each: a decision is a comparison.</summary>
internal readonly record struct PermissionSet(ulong Bits)
{
    private static readonly FrozenDictionary<string, int> s_bits =
        Permissions.All.Select((name, bit) => KeyValuePair.Create(name, bit)).ToFrozenDictionary(StringComparer.Ordinal);

    public static PermissionSet None => default;

    public static PermissionSet OfInstallation { get; } = Of(Permissions.OfInstallation);

    public bool IsEmpty => Bits == 0;

    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Names that this version does not know count for nothing.</summary>
    public static PermissionSet Of(IEnumerable<string> names)
    {
        ulong bits = 0;
        foreach (var name in names)
            bits |= s_bits.TryGetValue(name, out var bit) ? 1UL << bit : 0;
        return new PermissionSet(bits);
    }

    public bool Has(string permission) => (Bits & (1UL << s_bits[permission])) != 0;

    public static PermissionSet operator |(PermissionSet a, PermissionSet b) => new(a.Bits | b.Bits);

    public PermissionSet Except(PermissionSet others) => new(Bits & ~others.Bits);

    public bool Covers(PermissionSet others) => (others.Bits & ~Bits) == 0;

    /// <summary>In the order of <see cref="Permissions.All"/>.</summary>
    public IReadOnlyList<string> Names()
    {
        var bits = Bits;
        return [.. Permissions.All.Where((_, bit) => (bits & (1UL << bit)) != 0)];
    }
}
