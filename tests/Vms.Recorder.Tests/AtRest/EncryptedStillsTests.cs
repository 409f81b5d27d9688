using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;
using Vms.Recorder.Tests.Support;
using Vms.Rpc;
using Vms.Testing;

namespace Vms.Recorder.Tests.AtRest;

/// <summary>Stills of events in a recorder whose storage is encrypted: what lies on the disk, and what the recorder gives back.</summary>
public sealed class EncryptedStillsTests : IDisposable
{
    private const string Event = "0190b2c4-5d1e-7f00-8000-0123456789ab";
    private const string Other = "0190b2c4-5d1e-7f00-8000-0123456789ac";
    private static readonly DateTimeOffset s_noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] s_jpeg = [0xFF, 0xD8, 0xFF, 0xE0, .. Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 500))), 0xFF, 0xD9];

    private readonly TestDirectory _directory = new();
    private readonly string _data;
    private readonly PoolRoot _second;

    public EncryptedStillsTests()
    {
        _data = _directory.Create("data");
        _second = new PoolRoot("second", _directory.Create("second"));
    }

    private PoolRoot Main => new("main", Path.Combine(_data, "recordings"));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Nothing_of_the_picture_is_on_the_disk_and_all_of_it_comes_back()
    {
        await using var rig = await StartAsync("on");
        using var recorder = ChannelTo(rig);
        Assert.Equal($"events/2026-11-21/{Event}.jpg", await StoreAsync(recorder, Event));
        string path = PathIn(Main, Event);
        AssertShowsNothing(await File.ReadAllBytesAsync(path));
        Assert.Equal(s_jpeg, await ReadAsync(recorder, Event));
        Assert.Equal(new FileInfo(path).Length, new EventPictureFolder(Main).UsedBytes());

        var gone = new DeleteEventPicturesRequest { EventId = Event, AtUnixMs = s_noon.ToUnixTimeMilliseconds() };
        Assert.Equal(1, (await CallAsync(recorder, "DeleteEventPictures", gone, DeleteEventPicturesReply.Parser)).Files);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task What_was_stored_in_plain_opens_after_encryption_was_switched_on_and_the_other_way_round()
    {
        await using var rig = await StartAsync("off");
        using (var recorder = ChannelTo(rig))
            await StoreAsync(recorder, Event);
        Assert.Equal(s_jpeg, await File.ReadAllBytesAsync(PathIn(Main, Event)));
        await rig.StopAsync();

        await rig.StartAsync("--VMS_RECORDER_ENCRYPT=on");
        using (var recorder = ChannelTo(rig))
        {
            Assert.Equal(s_jpeg, await ReadAsync(recorder, Event));
            await StoreAsync(recorder, Other);
        }

        await rig.StopAsync();
        await rig.StartAsync("--VMS_RECORDER_ENCRYPT=off");
        using (var recorder = ChannelTo(rig))
            Assert.Equal(s_jpeg, await ReadAsync(recorder, Other));
    }

    [Fact]
    public async Task Moved_to_another_pool_it_opens_and_in_another_event_s_place_it_does_not()
    {
        await using var rig = await StartAsync("on", second: new { name = "second", path = _second.Path, encrypt = true });
        using var recorder = ChannelTo(rig);
        await StoreAsync(recorder, Event);
        await StoreAsync(recorder, Other);
        Directory.CreateDirectory(Path.GetDirectoryName(PathIn(_second, Event))!);
        File.Move(PathIn(Main, Event), PathIn(_second, Event));
        Assert.Equal(s_jpeg, await ReadAsync(recorder, Event));

        File.Move(PathIn(_second, Event), PathIn(Main, Other), overwrite: true);
        var swapped = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(recorder, Other));
        Assert.Equal(RpcStatus.DataLoss, swapped.Status);
        Assert.StartsWith("damaged:", swapped.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_still_is_encrypted_in_a_plain_pool_too_where_the_camera_may_be_recorded_to_an_encrypted_one()
    {
        await using var rig = await StartAsync("off", second: new { name = "second", path = _second.Path, encrypt = true });
        using var recorder = ChannelTo(rig);
        await StoreAsync(recorder, Event);
        AssertShowsNothing(await File.ReadAllBytesAsync(PathIn(Main, Event)));
        Assert.Equal(s_jpeg, await ReadAsync(recorder, Event));
    }

    [Fact]
    public async Task Without_its_key_it_is_said_that_this_is_missing_and_with_it_the_picture_opens_again()
    {
        await using var rig = await StartAsync("on");
        using (var recorder = ChannelTo(rig))
            await StoreAsync(recorder, Event);
        await rig.StopAsync();
        string key = Directory.GetFiles(Path.Combine(_data, "keys"), "storage-main.*.key").Single(), away = Path.Combine(_data, "away.key");
        File.Move(key, away);

        await rig.StartAsync();
        using (var recorder = ChannelTo(rig))
        {
            var locked = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(recorder, Event));
            Assert.Equal(RpcStatus.FailedPrecondition, locked.Status);
            Assert.StartsWith("keyMissing:", locked.Detail, StringComparison.Ordinal);
            File.Move(away, key);
            await Eventually.TrueAsync(async () => await TryReadAsync(recorder) is { } jpeg && jpeg.SequenceEqual(s_jpeg), TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>No marker of a JPEG, and no eight bytes of it in a row.</summary>
    private static void AssertShowsNothing(byte[] stored)
    {
        Assert.True(stored.AsSpan().IndexOf(s_jpeg.AsSpan(0, 3)) < 0);
        for (int at = 0; at + 8 <= s_jpeg.Length; at++)
            Assert.True(stored.AsSpan().IndexOf(s_jpeg.AsSpan(at, 8)) < 0);
    }

    private static string PathIn(PoolRoot pool, string id) => new EventPictureFolder(pool).PathOf(id, s_noon);

    private static RpcChannel ChannelTo(RecorderRig rig) => new(new Uri("unix://" + Path.Combine(rig.Run, "planes", "recorder.rpc.sock")));

    private static async Task<string> StoreAsync(RpcChannel recorder, string id) => (await CallAsync(
        recorder, "StoreEventPicture", new EventPicture { EventId = id, AtUnixMs = s_noon.ToUnixTimeMilliseconds(), Jpeg = ByteString.CopyFrom(s_jpeg) }, StoreEventPictureReply.Parser)).Path;

    private static async Task<byte[]> ReadAsync(RpcChannel recorder, string id) => (await CallAsync(
        recorder, "ReadEventPicture", new ReadEventPictureRequest { EventId = id, AtUnixMs = s_noon.ToUnixTimeMilliseconds() }, EventPicture.Parser)).Jpeg.ToByteArray();

    private static async Task<byte[]?> TryReadAsync(RpcChannel recorder)
    {
        try
        {
            return await ReadAsync(recorder, Event);
        }
        catch (RpcException e) when (e.Status == RpcStatus.FailedPrecondition)
        {
            return null;
        }
    }

    private static Task<TReply> CallAsync<TRequest, TReply>(RpcChannel recorder, string method, TRequest request, MessageParser<TReply> reply)
        where TRequest : class, IMessage<TRequest>
        where TReply : class, IMessage<TReply> =>
        recorder.UnaryAsync("vms.recorder.v1.RecorderPlane/" + method, request, reply, TimeSpan.FromSeconds(60), CancellationToken.None);

    private async Task<RecorderRig> StartAsync(string encrypt, object? second = null)
    {
        if (second is not null)
            await File.WriteAllTextAsync(Path.Combine(_data, "storage.json"), JsonSerializer.Serialize(new { pools = new[] { second } }));
        return await new RecorderRig(postgres: null, _data, $"--VMS_RECORDER_ENCRYPT={encrypt}").StartAsync();
    }
}
