using System.Security.Cryptography;
using Vms.Cli.Verification;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Containers.Zip;
using Vms.Testing;

namespace Vms.Cli.Tests;

/// <summary><c>vms verify</c> over an export as the recorder makes it: ten seconds, signed in the first and, two fragments behind its end, by the tail.</summary>
public sealed class ExportVerifyTests : IDisposable
{
    private const string Movie = "Gate_2026-11-21T09-30-00Z.mp4";
    private const int Seconds = 10;
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);
    private static readonly TrackInfo s_track = new(0, CodecKind.Mjpeg, 90_000, default, 64, 48);

    private readonly TestDirectory _directory = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IntegrityKeys _keys;
    private readonly StringWriter _output = new();
    private readonly string _folder;

    public ExportVerifyTests()
    {
        _keys = IntegrityKeys.FromPem(_key.ExportSubjectPublicKeyInfoPem());
        _folder = _directory.Create("export");
        Export();
    }

    private string Said => _output.ToString();

    public void Dispose()
    {
        _keys.Dispose();
        _key.Dispose();
        _output.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void An_untouched_export_is_good_as_a_folder_as_its_manifest_and_as_a_ZIP()
    {
        Assert.Equal(0, Verify(_folder));
        Assert.Contains("made by anna", Said, StringComparison.Ordinal);
        Assert.Contains($"{Movie}: Gate, 2026-11-21 09:30:00.000 UTC to 2026-11-21 09:30:10.000 UTC: good", Said, StringComparison.Ordinal);
        Assert.Equal(0, Verify(Path.Combine(_folder, "manifest.json")));
        Assert.Equal(0, Verify(Zip()));
        Assert.Null(ExportedFiles.At(_directory.Path));
    }

    [Fact]
    public void An_altered_picture_is_named_with_its_second()
    {
        byte[] movie = File.ReadAllBytes(PathOf(Movie));
        int at = movie.AsSpan().IndexOf((ReadOnlySpan<byte>)[6, 106, 206]);
        movie[at] ^= 1;
        File.WriteAllBytes(PathOf(Movie), movie);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("2026-11-21 09:30:06.000 UTC: altered", Said, StringComparison.Ordinal);
        Assert.Contains("NOT what was exported", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_500_flipped_bytes_and_cuts_in_any_file_every_one_is_found()
    {
        var random = new Random(20261130);
        string[] names = [Movie, Movie, Movie, "manifest.json", "manifest.sig", "verify.html"];
        for (int i = 0; i < 500; i++)
        {
            string path = PathOf(names[random.Next(names.Length)]);
            byte[] good = File.ReadAllBytes(path);
            byte[] bad = [.. good];
            int at = random.Next(good.Length);
            bad[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, i % 10 == 0 ? good[..at] : bad);
            int code;
            try
            {
                code = Verify(_folder);
            }
            catch (InvalidDataException)
            {
                code = 1;
            }

            Assert.True(code == 1 || (path.EndsWith(".sig", StringComparison.Ordinal) && at >= good.Length - 1), $"not found: {Path.GetFileName(path)} at {at}");
            File.WriteAllBytes(path, good);
        }
    }

    [Fact]
    public void A_file_that_is_missing_or_does_not_belong_to_it_is_found()
    {
        File.Copy(PathOf(Movie), PathOf("Other.mp4"));
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("inserted: Other.mp4", Said, StringComparison.Ordinal);
        File.Move(PathOf(Movie), PathOf("Other.mp4"), overwrite: true);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains($"{Movie}: missing", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_key_in_the_export_alone_nothing_is_called_good_and_another_key_is_named()
    {
        Assert.Equal(2, new ExportVerification(null, _output).Run(ExportedFiles.At(_folder)!));
        Assert.Contains("The key in the export itself is taken", Said, StringComparison.Ordinal);
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var keys = IntegrityKeys.FromPem(strange.ExportSubjectPublicKeyInfoPem());
        Assert.Equal(1, new ExportVerification(keys, _output).Run(ExportedFiles.At(_folder)!));
        Assert.Contains("unknown key: manifest.json", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forger_who_makes_all_hashes_anew_cannot_sign_the_manifest()
    {
        byte[] movie = File.ReadAllBytes(PathOf(Movie));
        movie[movie.AsSpan().IndexOf((ReadOnlySpan<byte>)[6, 106, 206])] ^= 1;
        string manifest = File.ReadAllText(PathOf("manifest.json")).Replace(HashOf(File.ReadAllBytes(PathOf(Movie))), HashOf(movie), StringComparison.Ordinal);
        File.WriteAllBytes(PathOf(Movie), movie);
        File.WriteAllText(PathOf("manifest.json"), manifest);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("altered: manifest.json is not what was signed", Said, StringComparison.Ordinal);
    }

    private int Verify(string path) => new ExportVerification(_keys, _output).Run(ExportedFiles.At(path)!);

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Export()
    {
        var signer = new HeadSigner(_key);
        var builder = new Fmp4FragmentBuilder(signer);
        var segment = Guid.CreateVersion7(s_start);
        var label = new SegmentLabel("Gate", "cam1", "main", "site", segment, s_start, "vms");
        byte[] init = Fmp4Writer.StoredInit([s_track], label);
        builder.BeginSegment([s_track], 1, epoch: 7, init);
        var fragments = new List<byte[]>();
        for (int second = 0; second < Seconds + 2; second++)
        {
            builder.AddSample(Sample(second), second, [(byte)second, (byte)(100 + second), (byte)(200 + second), 1, 2, 3, 4, 5, 6, 7, 8]);
            fragments.Add(builder.Finish(Sample(second + 1), out _, sign: second is 0 or Seconds + 1).ToArray());
        }

        byte[] media = [.. init, .. fragments.Take(Seconds).SelectMany(f => f)];
        var movie = new ExportedMovie([s_track], label);
        long at = ExportedMovie.HeadBytes + init.Length;
        foreach (byte[] fragment in fragments.Take(Seconds))
        {
            Assert.True(movie.TryAdd(fragment, at, 0));
            at += fragment.Length;
        }

        byte[] head = ExportedMovie.Head(media.Length);
        byte[] tables = movie.Movie(0, Seconds * 90_000);
        byte[] file = [.. head, .. media, .. tables];
        byte[] page = "<!doctype html>"u8.ToArray();
        var exported = new ExportedFile(
            Movie, file.Length, HashOf(file), s_start, s_start.AddSeconds(Seconds), head.Length, media.Length, HashOf([.. head, .. tables]),
            [new ExportedPart(segment, head.Length, media.Length, Seconds)], new string('0', 64), Convert.ToHexStringLower(FragmentHeader.ChainAt(fragments[Seconds - 1])),
            TailOf(init, fragments));
        byte[] manifest = new ExportManifest(
            ExportManifest.FormatName, "e1", "vms 1.2.3", s_start.AddDays(1), "anna", "case 17", s_start, s_start.AddSeconds(Seconds), Convert.ToHexStringLower(signer.KeyId),
            _key.ExportSubjectPublicKeyInfoPem(), [new ExportedCamera("cam1", "Gate", "site", "main", [], [exported])],
            [new ExportedAttachment("verify.html", page.Length, HashOf(page))]).ToBytes();
        File.WriteAllBytes(PathOf(Movie), file);
        File.WriteAllBytes(PathOf("verify.html"), page);
        File.WriteAllBytes(PathOf("manifest.json"), manifest);
        File.WriteAllText(PathOf("manifest.sig"), ExportManifest.Sign(manifest, signer));
    }

    private static ChainTail TailOf(byte[] init, List<byte[]> fragments)
    {
        var digests = new List<string>();
        foreach (byte[] fragment in fragments.Skip(Seconds))
        {
            byte[] digest = new byte[32];
            FragmentHeader.TryRead(fragment, out var header);
            Assert.True(new FragmentDigest().TryCompute(header, SHA256.HashData(init), fragment.AsSpan(FragmentHeader.SizeAt(fragment)), digest));
            digests.Add(Convert.ToHexStringLower(digest));
        }

        FragmentHeader.TryReadLink(fragments[^1], out var link);
        return new ChainTail(digests, Convert.ToHexStringLower(link.KeyId), Convert.ToHexStringLower(link.Signature));
    }

    private string Zip()
    {
        string path = _directory["export.zip"];
        using var zip = File.Create(path);
        var entries = new List<ZipEntry>();
        var offsets = new List<long>();
        foreach (string file in Directory.GetFiles(_folder))
        {
            byte[] content = File.ReadAllBytes(file);
            entries.Add(new ZipEntry(Path.GetFileName(file), content.Length, Crc32.Append(0, content), s_start));
            offsets.Add(zip.Position);
            zip.Write(ZipDirectory.LocalHeader(entries[^1]));
            zip.Write(content);
        }

        zip.Write(ZipDirectory.Directory(entries, offsets, zip.Position));
        return path;
    }

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static SampleHeader Sample(int second) =>
        new(0, SampleFlags.Keyframe, GapCause.None, 1, second * 90_000L, s_start.AddSeconds(second).ToUnixTimeMilliseconds() * 1000);
}
