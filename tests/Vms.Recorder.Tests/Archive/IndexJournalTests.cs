using Microsoft.Extensions.Logging.Abstractions;
using Vms.Codecs;
using Vms.Recorder.Archive;
using Vms.Recorder.Tests.Support;
using Vms.Testing;

namespace Vms.Recorder.Tests.Archive;

public sealed class IndexJournalTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ArchiveLayout _layout;

    public IndexJournalTests() => _layout = new ArchiveLayout(_directory["pool"]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Entries_come_back_in_order_and_whole_after_a_restart()
    {
        IndexEntry[] entries = Entries();
        using (var journal = Open())
        {
            foreach (var entry in entries)
            {
                journal.Append(entry);
            }
        }

        using var again = Open();
        Assert.Equal(entries.Select(Text), again.Peek(100).Select(Text));
    }

    [Fact]
    public void A_record_from_before_there_were_classes_is_of_what_is_recorded_all_the_time()
    {
        var row = Rows.Segment(_layout, "cam1", 1, closed: true, version: 3) with { Class = RecordingClass.Manual };
        byte[] record = JournalCodec.Encode(_layout, new SegmentPut(row));
        Assert.Equal(JournalRecord.Good, JournalCodec.Read(_layout, record, out var entry, out _));
        Assert.Equal(RecordingClass.Manual, Assert.IsType<SegmentPut>(entry).Segment.Class);

        byte[] older = record[..^1];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(older, older.Length - JournalCodec.HeaderBytes);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(older.AsSpan(4), Crc32C.Of(older.AsSpan(JournalCodec.HeaderBytes)));
        Assert.Equal(JournalRecord.Good, JournalCodec.Read(_layout, older, out entry, out _));
        Assert.Equal((RecordingClass.Continuous, 3), (Assert.IsType<SegmentPut>(entry).Segment.Class, entry.Version));
    }

    [Fact]
    public void What_is_applied_is_forgotten_and_what_is_not_stays()
    {
        IndexEntry[] entries = Entries();
        using (var journal = Open())
        {
            foreach (var entry in entries)
            {
                journal.Append(entry);
            }

            journal.Remove(2);
            Assert.Equal(entries[2..].Select(Text), journal.Peek(100).Select(Text));
            journal.Remove(entries.Length - 2);
            Assert.Equal(0, journal.Count);
        }

        // The file is kept until it is worth a new one; applying its entries again does no harm.
        using var again = Open();
        Assert.Equal(entries.Length, again.Count);
        again.Remove(again.Count);
        again.Append(entries[0]);
        Assert.Single(Directory.GetFiles(_layout.IndexPath, "*.journal"));
        Assert.Equal(1, again.Count);
    }

    [Fact]
    public void A_journal_torn_at_any_byte_keeps_every_record_before_it()
    {
        IndexEntry[] entries = Entries();
        var ends = new List<long>();
        string file;
        using (var journal = Open())
        {
            foreach (var entry in entries)
            {
                journal.Append(entry);
                ends.Add(new FileInfo(Directory.GetFiles(_layout.IndexPath, "*.journal")[0]).Length);
            }

            file = Directory.GetFiles(_layout.IndexPath, "*.journal")[0];
        }

        byte[] whole = File.ReadAllBytes(file);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            using var torn = Open();
            Assert.Equal(ends.Count(e => e <= length), torn.Count);
            Assert.Equal(entries.Take(torn.Count).Select(Text), torn.Peek(100).Select(Text));
        }
    }

    [Fact]
    public void A_flipped_bit_costs_the_record_it_hits_and_no_other()
    {
        using (var journal = Open())
        {
            foreach (var entry in Entries())
            {
                journal.Append(entry);
            }
        }

        string file = Directory.GetFiles(_layout.IndexPath, "*.journal")[0];
        byte[] whole = File.ReadAllBytes(file);
        for (int at = 0; at < whole.Length; at += 7)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(file, damaged);
            using var journal = Open();
            Assert.Equal(Entries().Length - 1, journal.Count);
        }
    }

    [Fact]
    public void A_damaged_range_is_set_aside_up_to_the_next_good_record()
    {
        IndexEntry[] entries = Entries();
        using (var journal = Open())
        {
            foreach (var entry in entries)
            {
                journal.Append(entry);
            }
        }

        string file = Directory.GetFiles(_layout.IndexPath, "*.journal")[0];
        byte[] bytes = File.ReadAllBytes(file);
        int first = JournalCodec.Encode(_layout, entries[0]).Length;
        int second = JournalCodec.Encode(_layout, entries[1]).Length;
        int third = JournalCodec.Encode(_layout, entries[2]).Length;
        bytes.AsSpan(first + 3, second + third - 10).Fill(0xff);      // two records, the head of the first among it
        File.WriteAllBytes(file, bytes);

        using var again = Open();
        Assert.Equal(entries.Where((_, i) => i is not (1 or 2)).Select(Text), again.Peek(100).Select(Text));
        string kept = Assert.Single(Directory.GetFiles(_layout.IndexPath, "*.quarantine"));
        Assert.Equal(bytes.AsSpan(first, second + third).ToArray(), File.ReadAllBytes(kept));
    }

    [Fact]
    public void A_record_that_makes_no_sense_is_set_aside()
    {
        IndexEntry[] entries = Entries();
        byte[] nonsense = JournalCodec.Encode(_layout, entries[0]);
        nonsense[JournalCodec.HeaderBytes + 1] = 99;       // a kind there is not, under a checksum that holds
        BitConverter.GetBytes(Crc32C.Of(nonsense.AsSpan(JournalCodec.HeaderBytes))).CopyTo(nonsense, 4);
        Directory.CreateDirectory(_layout.IndexPath);
        File.WriteAllBytes(
            Path.Combine(_layout.IndexPath, "00000001.journal"),
            [.. JournalCodec.Encode(_layout, entries[1]), .. nonsense, .. JournalCodec.Encode(_layout, entries[2])]);

        using var journal = Open();
        Assert.Equal(entries[1..3].Select(Text), journal.Peek(100).Select(Text));
        Assert.Equal(nonsense, File.ReadAllBytes(Assert.Single(Directory.GetFiles(_layout.IndexPath, "*.quarantine"))));
    }

    [Fact]
    public void A_record_that_is_damaged_while_it_waits_is_set_aside_and_said_so()
    {
        IndexEntry[] entries = Entries();
        using var journal = Open();
        int told = 0;
        journal.SetAside += () => told++;
        long before = FillMemory(journal);
        foreach (var entry in entries)
        {
            journal.Append(entry);
        }

        journal.Remove(IndexJournal.KeptWhole);
        // Of the closed segment's record only the fragment table is read back: the last bytes of it.
        long end = before + entries[..2].Sum(e => JournalCodec.Encode(_layout, e).Length);
        using (var file = File.Open(Directory.GetFiles(_layout.IndexPath, "*.journal")[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = end - 1;
            file.WriteByte(0xff);
        }

        // Whoever asks what is recorded gets an answer meanwhile, without the table.
        Assert.Equal(3, journal.PendingOf("cam1", "main", e => e is SegmentPut or SegmentDeleted).Count);
        Assert.Equal(entries.Where((_, i) => i != 1).Select(Text), journal.Peek(100).Select(Text));
        Assert.Equal(1, told);
        Assert.Equal(entries.Length - 1, journal.Count);
        journal.Remove(journal.Count);
    }

    [Fact]
    public void Of_what_waits_for_a_moment_nothing_is_read_back()
    {
        IndexEntry[] entries = Entries();
        using var journal = Open();
        for (int round = 0; round < 2 * IndexJournal.KeptWhole / entries.Length; round++)
        {
            journal.Append(entries);
            File.WriteAllBytes(Directory.GetFiles(_layout.IndexPath, "*.journal")[0], []);
            Assert.Equal(entries.Select(Text), journal.Peek(100).Select(Text));
            journal.Remove(entries.Length);
        }
    }

    [Fact]
    public void Fragment_tables_of_many_that_wait_are_on_the_disk_and_come_back_whole()
    {
        using var journal = Open();
        for (int i = 0; i < IndexJournal.KeptWhole + 50; i++)
        {
            journal.Append(new SegmentPut(Rows.Segment(_layout, "cam1", i, closed: true, version: 3)));
        }

        Assert.Equal(Enumerable.Range(0, IndexJournal.KeptWhole + 50), Tables(journal.Peek(1000)));
        File.WriteAllBytes(Directory.GetFiles(_layout.IndexPath, "*.journal")[0], []);
        Assert.Equal(Enumerable.Range(0, IndexJournal.KeptWhole), Tables(journal.PendingOf("cam1", "main", _ => true)));

        IEnumerable<int> Tables(IReadOnlyList<IndexEntry> found) =>
            found.Select((entry, i) => (((SegmentPut)entry).Segment.Gops.IsEmpty, i)).Where(t => !t.IsEmpty).Select(t => t.i);
    }

    [Fact]
    public void A_journal_file_that_cannot_be_read_for_a_while_is_applied_in_its_place()
    {
        var (first, entries) = UnreadableFirst();
        IndexJournal? journal = null;
        Unprivileged.Run(() =>
        {
            journal = Open();
            Assert.Throws<UnauthorizedAccessException>(() => journal.Peek(10));
        });
        using (journal)
        {
            journal!.Append(entries[2]);
            File.SetUnixFileMode(first, Unprivileged.All);
            Assert.Equal([Text(entries[1]), Text(entries[0]), Text(entries[2])], journal.Peek(10).Select(Text));
            journal.Remove(3);
            Assert.False(File.Exists(first));
        }
    }

    [Fact]
    public void A_journal_file_that_cannot_be_read_at_all_is_set_aside_and_the_others_are_applied()
    {
        var (first, entries) = UnreadableFirst();
        int told = 0;
        Unprivileged.Run(() =>
        {
            using var journal = Open();
            journal.SetAside += () => told++;
            Assert.Equal([Text(entries[0])], journal.Peek(10, giveUp: true).Select(Text));
        });
        Assert.Equal(1, told);
        Assert.True(File.Exists(first + JournalQuarantine.Extension));
    }

    [Fact]
    public void A_journal_file_that_could_be_neither_read_nor_set_aside_is_never_removed()
    {
        var (first, entries) = UnreadableFirst();
        File.SetUnixFileMode(_layout.IndexPath, Unprivileged.ReadOnly);
        IndexJournal? journal = null;
        Unprivileged.Run(() =>
        {
            journal = Open();
            Assert.Equal([Text(entries[0])], journal.Peek(10, giveUp: true).Select(Text));
        });
        File.SetUnixFileMode(_layout.IndexPath, Unprivileged.All);
        journal!.Remove(1);
        journal.Dispose();
        Assert.Equal([first], Directory.GetFiles(_layout.IndexPath));
    }

    [Fact]
    public void A_full_disk_keeps_entries_in_memory_and_writes_them_later()
    {
        using var journal = Open();
        IndexEntry[] entries = Entries();
        journal.Append(entries[0]);
        // No file can be made where a directory of that name stands: as good as no room for the test.
        journal.Remove(1);
        Directory.Delete(_layout.IndexPath, recursive: true);
        using (var unwritable = Open())
        {
            string next = Path.Combine(_layout.IndexPath, "00000001.journal");
            Directory.CreateDirectory(next);
            unwritable.Append(entries[0]);
            unwritable.Append(entries[1]);
            Assert.Equal(entries[..2].Select(Text), unwritable.Peek(10).Select(Text));
            Directory.Delete(next);
            unwritable.Append(entries[2]);
        }

        using var again = Open();
        Assert.Equal(entries[..3].Select(Text), again.Peek(10).Select(Text));
    }

    [Fact]
    public void Files_are_dropped_once_all_their_entries_are_applied()
    {
        using var journal = Open();
        byte[] gops = new byte[200_000];
        for (int i = 0; i < 20; i++)
        {
            var row = Rows.Segment(_layout, "cam1", i, closed: true, version: 3) with { Gops = gops };
            journal.Append(new SegmentPut(row));
        }

        Assert.InRange(Directory.GetFiles(_layout.IndexPath, "*.journal").Length, 3, 5);
        Assert.Equal(gops.Length, ((SegmentPut)journal.Peek(1)[0]).Segment.Gops.Length);
        journal.Remove(20);
        Assert.InRange(Directory.GetFiles(_layout.IndexPath, "*.journal").Length, 0, 1);
        journal.Append(new SegmentPut(Rows.Segment(_layout, "cam1", 99, closed: true, version: 3)));
        Assert.Equal(1, journal.Count);
    }

    /// <summary>So many entries that the tables of those behind them do not stay in memory.</summary>
    /// <returns>Their bytes.</returns>
    private long FillMemory(IndexJournal journal)
    {
        long bytes = 0;
        for (int i = 0; i < IndexJournal.KeptWhole; i++)
        {
            var gap = new GapPut(Rows.Gap("cam9", i, 1));
            journal.Append(gap);
            bytes += JournalCodec.Encode(_layout, gap).Length;
        }

        return bytes;
    }

    /// <summary>Two files of an earlier run; the first, with entry 1, may not be read.</summary>
    private (string First, IndexEntry[] Entries) UnreadableFirst()
    {
        IndexEntry[] entries = Entries();
        Directory.CreateDirectory(_layout.IndexPath);
        File.WriteAllBytes(Path.Combine(_layout.IndexPath, "00000002.journal"), JournalCodec.Encode(_layout, entries[0]));
        string first = Path.Combine(_layout.IndexPath, "00000001.journal");
        File.WriteAllBytes(first, JournalCodec.Encode(_layout, entries[1]));
        File.SetUnixFileMode(_directory.Path, Unprivileged.All);
        File.SetUnixFileMode(_layout.Root, Unprivileged.All);
        File.SetUnixFileMode(_layout.IndexPath, Unprivileged.All);
        File.SetUnixFileMode(first, Unprivileged.None);
        return (first, entries);
    }

    private IndexEntry[] Entries()
    {
        var open = Rows.Segment(_layout, "cam1", 1, closed: false, version: 2);
        var closed = Rows.Segment(_layout, "cam1", 1, closed: true, version: 5);
        return
        [
            new SegmentPut(open),
            new SegmentPut(closed),
            new GapPut(Rows.Gap("cam1", 2, 3)),
            new SegmentDeleted(Rows.Deleted(_layout, closed)),
            new SegmentPut(Rows.Segment(_layout, "cam2", 3, closed: true, version: 9)),
        ];
    }

    private IndexJournal Open() => IndexJournal.Open(_layout, NullLogger.Instance);

    private string Text(IndexEntry entry) => Convert.ToHexString(JournalCodec.Encode(_layout, entry));
}
