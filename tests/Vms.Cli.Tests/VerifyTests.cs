using System.Security.Cryptography;
using Vms.Cli.Commands;
using Vms.Cli.Verification;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Testing;

namespace Vms.Cli.Tests;

/// <summary><c>vms verify</c> over files as the recorder writes them.</summary>
public sealed class VerifyTests : IDisposable
{
    private const int SecondsPerFile = 5;
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);
    private static readonly TrackInfo s_track = new(0, CodecKind.Mjpeg, 90_000, default, 64, 48);

    private readonly TestDirectory _directory = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IntegrityKeys _keys;
    private readonly StringWriter _output = new();

    public VerifyTests() => _keys = IntegrityKeys.FromPem(_key.ExportSubjectPublicKeyInfoPem());

    public void Dispose()
    {
        _keys.Dispose();
        _key.Dispose();
        _output.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void An_untouched_archive_is_good_up_to_its_last_signature()
    {
        Record("cam1", files: 3, signLast: true);
        Assert.Equal(0, Verify(_directory.Path));
        Assert.Contains("good up to 2026-11-21 09:30:15.000 UTC", Said, StringComparison.Ordinal);

        Record("cam2", files: 1, signLast: false);
        Assert.Equal(0, Verify(_directory["cam2"]));
        Assert.Contains("4 fragments behind that are not signed yet (unanchored)", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_device_had_recorded_itself_is_told()
    {
        Record("cam1", files: 1, signLast: true);
        Record("cam2", files: 2, signLast: true, source: SegmentLabel.FromDevice);
        Assert.Equal(0, Verify(_directory["cam1"]));
        Assert.DoesNotContain("the device had recorded it itself", Said, StringComparison.Ordinal);
        Assert.Equal(0, Verify(_directory["cam2"]));
        Assert.Contains("the device had recorded it itself", Said, StringComparison.Ordinal);
        Assert.Contains("good up to 2026-11-21 09:30:10.000 UTC", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_it_comes_from_cannot_be_changed()
    {
        string file = Record("cam1", files: 1, signLast: true, source: SegmentLabel.FromDevice)[0];
        byte[] bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().IndexOf("source"u8)] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(1, Verify(_directory.Path));
    }

    [Fact]
    public void One_altered_byte_is_reported_with_its_second_and_the_exit_code_says_so()
    {
        var files = Record("cam1", files: 3, signLast: true);
        byte[] altered = File.ReadAllBytes(files[1]);
        altered[altered.AsSpan().LastIndexOf("mdat"u8) + 20] ^= 1;
        File.WriteAllBytes(files[1], altered);
        Assert.Equal(1, Verify(_directory.Path));
        Assert.Contains("2026-11-21 09:30:09.000 UTC: altered: 2026-11-21", Said, StringComparison.Ordinal);
        Assert.Contains("2026-11-21 09:30:06.000 UTC: unvouched: ", Said, StringComparison.Ordinal);
        Assert.Contains("NOT what was recorded, from 2026-11-21 09:30:06.000 UTC on", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_between_two_others_is_reported_where_the_next_one_begins()
    {
        var files = Record("cam1", files: 3, signLast: true);
        File.Delete(files[1]);
        Assert.Equal(1, Verify(_directory.Path));
        Assert.Contains("2026-11-21 09:30:10.000 UTC: missing", Said, StringComparison.Ordinal);
    }

    /// <summary>The first two files of one fetch, the others of another. File that is gone, exit code.</summary>
    [Theory]
    [InlineData(1, 0)]      // the end of the first
    [InlineData(2, 0)]      // the beginning of the second
    [InlineData(3, 1)]      // in the middle of it
    public void Retention_in_the_middle_of_what_was_fetched_from_a_device_is_told_and_is_no_alteration_unless_it_is_within_a_fetch(int gone, int code)
    {
        var files = Record("cam1", files: 5, signLast: true, source: SegmentLabel.FromDevice, fetchOf: file => s_start.AddHours(file < 2 ? 1 : 2));
        Assert.Equal(0, Verify(_directory.Path));
        Assert.DoesNotContain("another fetch", Said, StringComparison.Ordinal);
        File.Delete(files[gone]);
        Assert.Equal(code, Verify(_directory.Path));
        Assert.Equal(code == 0, Said.Contains("came with another fetch than what is in front of it", StringComparison.Ordinal));
        Assert.Equal(code == 1, Said.Contains("missing", StringComparison.Ordinal));
    }

    [Theory, InlineData(SegmentLabel.FromDevice, 0), InlineData("", 1)]
    public void An_anchored_head_of_older_footage_that_was_fetched_later_is_not_missed_when_retention_has_been_there(string source, int code)
    {
        Record("cam1", files: 2, signLast: true, source: source, fetchOf: _ => s_start.AddHours(1));
        var head = new StreamHead("cam1", "main", Guid.CreateVersion7(s_start.AddHours(2)), SecondsPerFile, s_start.AddDays(-1), new string('a', 64));
        string path = _directory["20261121T000000Z.jws"];
        File.WriteAllText(path, new AnchorRecord(s_start.AddHours(3), "vms", [head]).Sign(new HeadSigner(_key)));
        Assert.Equal(code, Verify(_directory["cam1"], Anchors.At(path, _keys, DateTimeOffset.MaxValue)));
    }

    [Fact]
    public void A_name_on_the_disk_does_not_command_the_terminal()
    {
        Record("cam\u001b[8m\u202E1", files: 1, signLast: true);
        Assert.Equal(0, Verify(_directory.Path));
        Assert.Contains("cam[8m1", Said, StringComparison.Ordinal);
        Assert.DoesNotContain(Said, c => c is '\u001b' or '\u202E');
    }

    [Fact]
    public void Of_one_camera_only_the_files_of_the_range_are_read()
    {
        var files = Record("cam1", files: 4, signLast: true);
        var found = RecordedFiles.Of([_directory.Path], "cam1", "main", s_start.AddSeconds(6), s_start.AddSeconds(10));
        Assert.Equal([files[1]], Assert.Single(found).Files.Select(f => f.Path));
        Assert.Throws<InvalidDataException>(() => RecordedFiles.Of([_directory.Path], "cam2", "main", s_start, s_start.AddHours(1)));
        Assert.Throws<InvalidDataException>(() => RecordedFiles.Of([_directory.Path], "cam1", "main", s_start.AddHours(-2), s_start.AddHours(-1)));
    }

    [Fact]
    public void An_archive_in_two_storage_pools_is_verified_as_one()
    {
        var files = Record("cam1", files: 4, signLast: true);
        using var second = new TestDirectory();
        foreach (string file in files[1..3])
        {
            string moved = file.Replace(_directory.Path, second.Path, StringComparison.Ordinal);
            Directory.CreateDirectory(Path.GetDirectoryName(moved)!);
            File.Move(file, moved);
        }

        Assert.Equal(1, Verify(_directory.Path));
        var both = RecordedFiles.At([_directory.Path, second.Path]);
        Assert.Equal(4, Assert.Single(both).Files.Count);
        Assert.Equal(0, new ArchiveVerification(_keys, Anchors.None, _output, TimeProvider.System).Run(both));
        Assert.Equal(4, Assert.Single(RecordedFiles.Of([_directory.Path, second.Path], "cam1", "main", s_start, s_start.AddHours(1))).Files.Count);
    }

    [Fact]
    public void Without_a_key_nobody_vouches()
    {
        Record("cam1", files: 1, signLast: true);
        Assert.Equal(2, new ArchiveVerification(keys: null, Anchors.None, _output, TimeProvider.System).Run(RecordedFiles.At([_directory.Path])));
        Assert.Contains("unanchored", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_cut_off_is_found_by_an_anchor_record_and_what_retention_deleted_is_not_missed()
    {
        var files = Record("cam1", files: 3, signLast: true);
        var signer = new HeadSigner(_key);
        byte[] last = File.ReadAllBytes(files[2]);
        int box = last.AsSpan().LastIndexOf("uuid"u8) - 4;
        string chain = Convert.ToHexStringLower(FragmentHeader.ChainAt(last.AsSpan(box)));
        var head = new StreamHead("cam1", "main", Guid.Parse(Path.GetFileNameWithoutExtension(files[2])[7..]), SecondsPerFile, s_start.AddSeconds(15), chain);
        string path = _directory["20261121T000000Z.jws"];
        File.WriteAllText(path, new AnchorRecord(s_start.AddHours(1), "vms", [head]).Sign(signer));
        var anchors = Anchors.At(path, _keys, DateTimeOffset.MaxValue);
        Assert.Equal(0, Verify(_directory["cam1"], anchors));

        File.WriteAllBytes(files[2], last[..box]);
        File.SetLastWriteTimeUtc(files[2], s_start.UtcDateTime);
        Assert.Equal(0, Verify(_directory["cam1"]));
        Assert.Equal(1, Verify(_directory["cam1"], anchors));
        Assert.Contains("2026-11-21 09:30:15.000 UTC: missing", Said, StringComparison.Ordinal);

        foreach (string file in files)
            File.Delete(file);
        Record("cam1", files: 1, signLast: true, from: s_start.AddDays(1));
        Assert.Equal(2, Verify(_directory["cam1"], anchors));
        Assert.Contains("1 anchored heads are of other streams, or of older recordings", Said, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Anchors.At(_directory["nothing"], _keys, DateTimeOffset.MaxValue));
        File.WriteAllText(path, File.ReadAllText(path).Replace('e', 'f'));
        Assert.Throws<InvalidDataException>(() => Anchors.At(path, _keys, DateTimeOffset.MaxValue));
    }

    [Fact]
    public void A_file_that_is_being_written_may_end_in_half_a_fragment_and_no_other_may()
    {
        string file = Record("cam1", files: 1, signLast: true)[0];
        using (var stream = File.OpenWrite(file))
            stream.SetLength(stream.Length - 1000);
        Assert.Equal(0, Verify(file));
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-1));
        Assert.Equal(1, Verify(file));
        Assert.Contains("torn", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_signed_for_half_a_minute_is_not_called_good()
    {
        Record("cam1", files: 8, signLast: false, signFirst: false);
        Assert.Equal(2, Verify(_directory.Path));
        Assert.Contains("unanchored: nothing in it was signed", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_signed_is_not_called_good_because_it_claims_an_earlier_time()
    {
        Record("cam1", files: 8, signLast: true, unsignedFrom: s_start.AddDays(-1));
        Assert.Equal(2, Verify(_directory.Path));
        Assert.Contains("good up to 2026-11-21 09:30:05.000 UTC; nobody vouches for the 35 fragments behind that", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_begun_and_left_empty_behind_a_good_one_changes_nothing()
    {
        string folder = Path.GetDirectoryName(Record("cam1", files: 1, signLast: true)[0])!;
        File.WriteAllBytes(Path.Combine(folder, $"093100-{Guid.CreateVersion7(s_start.AddMinutes(1)):N}.mp4"), []);
        Assert.Equal(0, Verify(_directory["cam1"]));
        Assert.Contains("holds no fragment", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_no_proof_of_anything()
    {
        var files = Record("cam1", files: 3, signLast: true);
        File.Delete(files[1]);
        File.CreateSymbolicLink(files[1], _directory["nowhere"]);
        Assert.Equal(2, Verify(_directory.Path));
        Assert.Contains("cannot be read", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Copied_files_of_two_cameras_in_one_folder_are_told_apart_by_what_they_say()
    {
        string folder = _directory.Create("evidence");
        foreach (string camera in (string[])["cam1", "cam2"])
        {
            foreach (string file in Record(camera, files: 2, signLast: true))
                File.Copy(file, Path.Combine(folder, $"{camera} {Path.GetFileName(file)}"));
        }

        Assert.Equal(0, Verify(folder));
        Assert.Equal(["cam1/main", "cam2/main"], RecordedFiles.At([folder]).Select(r => r.Source));
    }

    [Theory]
    [InlineData]
    [InlineData("--camera")]
    [InlineData("x.mp4", "--camera", "cam1")]
    [InlineData("x.mp4", "--from", "2026-11-21")]
    [InlineData("--camera", "cam1", "--from", "yesterday")]
    [InlineData("--everything", "yes")]
    public void Arguments_that_make_no_sense_are_refused_with_a_reason(params string[] args)
    {
        var refused = Assert.Throws<FormatException>(() => VerifyArguments.Parse(args));
        Assert.NotEmpty(refused.Message);
    }

    private string Said => _output.ToString();

    private int Verify(string path, Anchors? anchors = null) => new ArchiveVerification(_keys, anchors ?? Anchors.None, _output, TimeProvider.System).Run(RecordedFiles.At([path]));

    /// <summary>Files of five fragments of a second; the first one of a file is signed.</summary>
    /// <param name="unsignedFrom">All files but the first go on from there, as after a clock that was set, and nobody signs them.</param>
    private List<string> Record(string camera, int files, bool signLast, DateTimeOffset? from = null, bool signFirst = true, DateTimeOffset? unsignedFrom = null, string source = "",
        Func<int, DateTimeOffset>? fetchOf = null)
    {
        var builder = new Fmp4FragmentBuilder(new HeadSigner(_key));
        var paths = new List<string>();
        for (int file = 0; file < files; file++)
        {
            bool signed = unsignedFrom is null || file == 0;
            var start = ((signed ? from : unsignedFrom) ?? s_start).AddSeconds(file * SecondsPerFile);
            string folder = Directory.CreateDirectory(Path.Combine(_directory.Path, camera, "main", $"{start:yyyy-MM-dd}")).FullName;
            var id = Guid.CreateVersion7((from ?? s_start).AddSeconds(file * SecondsPerFile));
            paths.Add(Path.Combine(folder, $"{start:HHmmss}-{id:N}.mp4"));
            using var stream = File.Create(paths[^1]);
            byte[] init = Fmp4Writer.StoredInit([s_track], new SegmentLabel("Camera", camera, "main", "site", id, start, "vms") { Source = source, FetchedAt = fetchOf?.Invoke(file) });
            stream.Write(init);
            builder.BeginSegment([s_track], 1, epoch: 7, init);
            for (int second = 0; second < SecondsPerFile; second++)
            {
                builder.AddSample(Sample(start, file, second), (file * SecondsPerFile) + second, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
                stream.Write(builder.Finish(Sample(start, file, second + 1), out _, sign: signed && ((signFirst && second == 0) || (signLast && second == SecondsPerFile - 1))).Span);
            }

            File.SetLastWriteTimeUtc(paths[^1], start.UtcDateTime);
        }

        return paths;
    }

    private static SampleHeader Sample(DateTimeOffset start, int file, int second)
    {
        long seconds = (file * SecondsPerFile) + second;
        long captureUs = start.AddSeconds(second).ToUnixTimeMilliseconds() * 1000;
        return new SampleHeader(0, SampleFlags.Keyframe, GapCause.None, 1, seconds * 90_000, captureUs);
    }
}
