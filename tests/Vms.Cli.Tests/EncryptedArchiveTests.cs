using System.Security.Cryptography;
using Vms.Cli.Commands;
using Vms.Cli.Verification;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Cli.Tests;

/// <summary><c>vms verify</c> and <c>vms storage</c> over an encrypted pool.</summary>
public sealed class EncryptedArchiveTests : IDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 30, 9, 30, 0, TimeSpan.Zero);
    private static readonly TrackInfo s_track = new(0, CodecKind.Mjpeg, 90_000, default, 64, 48);

    private readonly TestDirectory _data = new();
    private readonly ECDsa _signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IntegrityKeys _keys;
    private readonly StringWriter _output = new();
    private readonly string _file;

    public EncryptedArchiveTests()
    {
        _keys = IntegrityKeys.FromPem(_signing.ExportSubjectPublicKeyInfoPem());
        Directory.CreateDirectory(Path.GetDirectoryName(Copy)!);
        _file = Record(PoolKeyring.AddKey(Keys, PoolKeyring.MainPool, Copy, s_start).Keys[^1]);
    }

    private string Keys => Path.Combine(_data.Path, "keys");

    private string Copy => PoolKeyring.CopyIn(Path.Combine(_data.Path, "recordings", ".index"));

    private string Said => _output.ToString();

    public void Dispose()
    {
        _keys.Dispose();
        _signing.Dispose();
        _output.Dispose();
        _data.Dispose();
    }

    [Fact]
    public void With_the_keys_it_is_good_and_one_changed_byte_is_found()
    {
        Assert.Equal(0, Verify(Keys));
        Assert.Contains("good up to 2026-11-30 09:30:05.000 UTC", Said, StringComparison.Ordinal);
        byte[] bytes = File.ReadAllBytes(_file);
        bytes[^3000] ^= 1;
        File.WriteAllBytes(_file, bytes);
        Assert.Equal(1, Verify(Keys));
    }

    [Fact]
    public void Without_them_it_is_said_what_was_not_looked_at_and_nothing_is_called_good()
    {
        Assert.Equal(2, Verify(_data.Create("elsewhere")));
        Assert.Contains("5 fragments are encrypted, and their keys are not here", Said, StringComparison.Ordinal);
        Assert.DoesNotContain("good", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_brings_its_keyring_along_and_the_pool_key_alone_opens_it()
    {
        string elsewhere = _data.Create("elsewhere");
        string poolKey = Directory.GetFiles(Keys, "storage-main.*.key").Single();
        File.Copy(poolKey, Path.Combine(elsewhere, Path.GetFileName(poolKey)));
        Directory.Delete(Keys, recursive: true);
        Assert.Equal(0, Verify(elsewhere));
    }

    [Fact]
    public void Rotation_keeps_what_was_before_readable_and_a_new_pool_key_makes_the_former_useless()
    {
        Assert.Equal(0, StorageKeys.Rotate(["--data", _data.Path], _output, _output));
        Assert.Equal(0, StorageKeys.Rotate(["--pool-key", "--data", _data.Path], _output, _output));
        Assert.Contains("2 keys are wrapped", Said, StringComparison.Ordinal);
        Assert.Equal(0, Verify(Keys));
        Assert.Equal(0, StorageKeys.List(["--data", _data.Path], _output, _output));
        Assert.Contains("in use", Said, StringComparison.Ordinal);

        File.Delete(Directory.GetFiles(Keys, "storage-main.*.key").Single());
        Assert.Equal(1, StorageKeys.List(["--data", _data.Path], _output, _output));
        Assert.Equal(2, StorageKeys.Rotate(["--pool-key", "--data", _data.Path], _output, _output));
        Assert.Equal(64, StorageKeys.Rotate(["--pool"], _output, _output));
        Assert.Equal(64, StorageKeys.List(["--pool", "../etc", "--data", _data.Path], _output, _output));
    }

    private int Verify(string keysDirectory)
    {
        var recordings = RecordedFiles.At([Path.Combine(_data.Path, "recordings")]);
        using var dataKeys = DataKeys.Read(keysDirectory, recordings.SelectMany(r => r.Files).Select(f => f.Path));
        return new ArchiveVerification(_keys, Anchors.None, _output, TimeProvider.System, dataKeys).Run(recordings);
    }

    /// <summary>Five fragments of a second, the last one signed.</summary>
    private string Record(StoredDataKey stored)
    {
        using var key = new DataKey(stored.Id, stored.Key.Span);
        var id = Guid.CreateVersion7(s_start);
        string path = Path.Combine(_data.Path, "recordings", "cam1", "main", "2026-11-30", $"093000-{id:N}.mp4");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var builder = new Fmp4FragmentBuilder(new HeadSigner(_signing)) { Reserve = EncryptedFragment.TrailerBytes };
        using (var stream = File.Create(path))
        {
            byte[] init = Fmp4Writer.StoredInit([s_track], new SegmentLabel("Camera", "cam1", "main", "site", id, s_start, "vms"));
            stream.Write(init);
            builder.BeginSegment([s_track], 1, epoch: 7, init);
            for (int second = 0; second < 5; second++)
            {
                builder.AddSample(Sample(second), second, RandomNumberGenerator.GetBytes(9000));
                byte[] fragment = builder.Finish(Sample(second + 1), out _, sign: second == 4).ToArray();
                Assert.True(EncryptedFragment.TryEncrypt(fragment, key, RandomNumberGenerator.GetBytes(DataKey.NonceBytes)));
                stream.Write(fragment);
            }
        }

        File.SetLastWriteTimeUtc(path, s_start.UtcDateTime);
        return path;
    }

    private static SampleHeader Sample(int second) =>
        new(0, SampleFlags.Keyframe, GapCause.None, 1, second * 90_000, s_start.AddSeconds(second).ToUnixTimeMilliseconds() * 1000);
}
