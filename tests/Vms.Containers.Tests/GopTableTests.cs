using FsCheck;
using FsCheck.Fluent;

namespace Vms.Containers.Tests;

public sealed class GopTableTests
{
    private static readonly Gen<FragmentEntry[]> s_tables =
        from count in Gen.Choose(0, 40)
        from parts in Gen.ArrayOf(
            from skipped in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(0, 100_000)))
            from length in Gen.Choose(1, GopTable.MaxFragmentBytes)
            from gap in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(-90_000, 900_000)))
            from duration in Gen.Choose(0, 900_000)
            from samples in Gen.Choose(0, 1000)
            from keyframe in Gen.Elements(true, false)
            from drift in Gen.Choose(-5_000_000, 5_000_000)
            select (skipped, length, gap, duration, samples, keyframe, drift),
            count)
        select Entries(parts);

    [Fact]
    public void Decoding_gives_back_what_was_encoded() =>
        Prop.ForAll(s_tables.ToArbitrary(), entries =>
            GopTable.TryDecode(GopTable.Encode(entries), out var decoded) && decoded.SequenceEqual(entries))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_decode_or_are_refused_and_what_decodes_keeps_the_ceilings() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            byte[] table = [GopTable.FormatVersion, .. bytes];
            return !GopTable.TryDecode(table, out var decoded)
                || decoded.All(e => e.Length is > 0 and <= GopTable.MaxFragmentBytes && e.Offset >= 0 && e.DurationTicks >= 0 && e.SampleCount >= 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void A_damaged_table_never_throws() =>
        Prop.ForAll(
            (from entries in s_tables
             from position in Gen.Choose(0, 10_000)
             from flip in Gen.Choose(1, 255)
             select (entries, position, flip)).ToArbitrary(),
            c =>
            {
                byte[] table = GopTable.Encode(c.entries);
                table[c.position % table.Length] ^= (byte)c.flip;
                GopTable.TryDecode(table, out _);
                GopTable.TryDecode(table.AsSpan(0, c.position % (table.Length + 1)), out _);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_longer_table_starts_with_the_shorter_one() =>
        Prop.ForAll(s_tables.ToArbitrary(), entries =>
            entries.Length == 0 || GopTable.Encode(entries).AsSpan().StartsWith(GopTable.Encode(entries.AsSpan(0, entries.Length - 1))))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Unknown_versions_and_empty_input_are_refused()
    {
        Assert.False(GopTable.TryDecode([], out _));
        Assert.False(GopTable.TryDecode([GopTable.FormatVersion + 1], out _));
        Assert.True(GopTable.TryDecode([GopTable.FormatVersion], out var none));
        Assert.Empty(none);
    }

    [Fact]
    public void Ten_minutes_of_a_steady_camera_take_about_ten_bytes_a_fragment()
    {
        var entries = new FragmentEntry[600];
        long offset = 700;
        for (int i = 0; i < entries.Length; i++)
        {
            int length = 500_000 + i * 37 % 9000;
            entries[i] = new FragmentEntry(offset, length, i * 90_000L, 90_000, 25, i % 2 == 0, 1_790_000_000_000_000 + i * 1_000_000L + i % 7);
            offset += length;
        }

        Assert.InRange(GopTable.Encode(entries).Length, 600 * 6, 600 * 11);
    }

    private static FragmentEntry[] Entries((int Skipped, int Length, int Gap, int Duration, int Samples, bool Keyframe, int Drift)[] parts)
    {
        var entries = new FragmentEntry[parts.Length];
        var previous = default(FragmentEntry);
        for (int i = 0; i < parts.Length; i++)
        {
            var p = parts[i];
            long capture = i == 0 ? 1_790_000_000_000_000 : previous.CaptureTimeUs + previous.DurationTicks * 100L / 9;
            entries[i] = previous = new FragmentEntry(
                previous.EndOffset + p.Skipped, p.Length, previous.EndTicks + p.Gap, p.Duration, p.Samples, p.Keyframe, capture + p.Drift);
        }

        return entries;
    }
}
