using System.Net;
using System.Net.Http.Headers;
using Vms.Recorder.Playback;
using Vms.Recorder.Tests.Support;

namespace Vms.Recorder.Tests.Playback;

/// <summary>What cannot be read ends the response: never wrong bytes, never a short body that looks whole.</summary>
public sealed class UnreadableArchiveTests
{
    [Fact]
    public async Task A_file_deleted_on_the_way_cuts_the_response_off_and_is_counted()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var (full, second) = await RecordTwoAsync(rig);
        long before = rig.Metrics["vms_playback_unreadable_total{reason=gone}"];
        File.Delete(second);

        byte[] got = await ReadUntilCutAsync(rig.Http, rig.Url("clip.mp4", 0, 60), full.Length);
        Assert.InRange(got.Length, 1, full.Length - 1);
        Assert.Equal(full.Take(got.Length), got);
        Assert.True(rig.Metrics["vms_playback_unreadable_total{reason=gone}"] > before);
    }

    [Fact]
    public async Task A_damaged_fragment_is_not_sent()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var (full, second) = await RecordTwoAsync(rig);
        long before = rig.Metrics["vms_playback_unreadable_total{reason=damaged}"];
        byte[] file = await File.ReadAllBytesAsync(second);
        file[^1] ^= 1;
        await File.WriteAllBytesAsync(second, file);

        byte[] got = await ReadUntilCutAsync(rig.Http, rig.Url("clip.mp4", 0, 60), full.Length);
        Assert.Equal(full.Take(got.Length), got);
        Assert.True(rig.Metrics["vms_playback_unreadable_total{reason=damaged}"] > before);
    }

    [Fact]
    public async Task A_range_that_begins_in_a_missing_file_is_404()
    {
        await using var rig = await PlaybackRig.StartAsync();
        var (full, second) = await RecordTwoAsync(rig);
        File.Delete(second);

        using var request = new HttpRequestMessage(HttpMethod.Get, rig.Url("clip.mp4", 0, 60));
        request.Headers.Range = new RangeHeaderValue(full.Length - 10, null);
        using var response = await rig.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Null(response.Headers.ETag);
        Assert.Contains("recordingUnreadable", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_bodies_than_the_ceiling_are_asked_to_come_again()
    {
        await using var rig = await PlaybackRig.StartAsync(new PlaybackOptions { MaxBodies = 0 });
        await rig.RecordAsync(await Footage.LoadAsync(), 0, 50);
        using var response = await rig.Http.GetAsync(rig.Url("clip.mp4", 0, 60));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", Assert.Single(response.Headers.GetValues("Retry-After")));
    }

    private static async Task<(byte[] Full, string Second)> RecordTwoAsync(PlaybackRig rig)
    {
        var footage = await Footage.LoadAsync();
        await rig.RecordAsync(footage, 0, 250);
        var second = await rig.RecordAsync(footage, 250, 100);
        return (await rig.Http.GetByteArrayAsync(rig.Url("clip.mp4", 0, 60)), second.Path);
    }

    private static async Task<byte[]> ReadUntilCutAsync(HttpClient http, string url, int promised)
    {
        using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(promised, response.Content.Headers.ContentLength);
        await using var stream = await response.Content.ReadAsStreamAsync();
        var got = new MemoryStream();
        await Assert.ThrowsAnyAsync<IOException>(() => stream.CopyToAsync(got));
        return got.ToArray();
    }
}
