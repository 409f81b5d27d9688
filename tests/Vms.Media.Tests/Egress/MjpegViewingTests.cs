using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Vms.Media.Egress.Mjpeg;
using Vms.Testing;
using Vms.Testing.Footage;

namespace Vms.Media.Tests.Egress;

/// <summary>MJPEG cameras as multipart, read by ASP.NET's own multipart reader.</summary>
public sealed class MjpegViewingTests
{
    [Fact]
    public async Task A_viewer_gets_every_picture_from_the_newest_on_as_the_camera_sent_it()
    {
        await using var host = await EgressHost.StartAsync();
        using var camera = host.AddJpegCamera();
        for (int i = 0; i < 5; i++)
            camera.Write();
        using var response = await host.Http.GetAsync(host.Mjpeg("1"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("multipart/x-mixed-replace", response.Content.Headers.ContentType!.MediaType);
        var parts = new MultipartReader(MjpegViewer.Boundary, await response.Content.ReadAsStreamAsync());

        // A part is known to be over when the next begins: that one is written first.
        for (int number = 4; number < 30; number++)
        {
            var viewer = Assert.Single(host.Egress.Mjpeg.Viewers);
            await Eventually.TrueAsync(() => viewer.PicturesSent == number - 3);
            camera.Write();
            Assert.Equal(number, await NumberAsync(parts));
        }

        Assert.Equal(0, host.Egress.Mjpeg.Viewers[0].PicturesSkipped);
    }

    [Fact]
    public async Task A_viewer_that_does_not_read_misses_pictures_and_keeps_nobody_waiting()
    {
        await using var host = await EgressHost.StartAsync();
        using var camera = host.AddJpegCamera();
        camera.Write();
        using var slow = await host.Http.GetAsync(host.Mjpeg("1"), HttpCompletionOption.ResponseHeadersRead);
        await Eventually.TrueAsync(() => host.Egress.Mjpeg.Viewers.Count == 1);
        var viewer = host.Egress.Mjpeg.Viewers[0];
        await Eventually.TrueAsync(() =>
        {
            for (int i = 0; i < 20; i++)
                camera.Write();
            return viewer.PicturesSent > 0 && viewer.PicturesSent + 200 < camera.Written;
        });
        var parts = new MultipartReader(MjpegViewer.Boundary, await slow.Content.ReadAsStreamAsync());
        // First what lay on the way, then the newest, past what came meanwhile; never an older one after a newer one.
        int newest = camera.Written;
        int read = 0;
        for (int last = -1; last < newest; read++)
        {
            camera.Write();
            int number = await NumberAsync(parts);
            Assert.True(number > last, $"{number} after {last}");
            last = number;
        }

        Assert.True(read <= newest - 150, $"{read} of {newest} pictures");
        Assert.InRange(viewer.PicturesSkipped, 150, newest);
    }

    [Fact]
    public async Task It_ends_with_the_viewer_or_the_stream_and_is_refused_without_a_ticket_or_MJPEG()
    {
        await using var host = await EgressHost.StartAsync();
        using var camera = host.AddJpegCamera();
        camera.Write();
        using (await host.Http.GetAsync(host.Mjpeg("1"), HttpCompletionOption.ResponseHeadersRead))
            await Eventually.TrueAsync(() => host.Egress.Mjpeg.Viewers.Count == 1);
        await Eventually.TrueAsync(() =>
        {
            camera.Write();
            return host.Egress.Mjpeg.Viewers.Count == 0;
        });

        using (await host.Http.GetAsync(host.Mjpeg("1"), HttpCompletionOption.ResponseHeadersRead))
        {
            await Eventually.TrueAsync(() => host.Egress.Mjpeg.Viewers.Count == 1);
            host.Streams.Remove(camera.Stream);
            await Eventually.TrueAsync(() => host.Egress.Mjpeg.Viewers.Count == 0);
            host.Streams.Add(camera.Stream);
        }

        await host.AddRunningCameraAsync(FootageSpec.Small, "2");
        Assert.Equal(HttpStatusCode.Conflict, (await host.Http.GetAsync(host.Mjpeg("2"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetAsync(host.Mjpeg("3"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Http.GetAsync(host.Mjpeg("1", host.Ticket("2")))).StatusCode);
    }

    private static async Task<int> NumberAsync(MultipartReader parts)
    {
        var part = await parts.ReadNextSectionAsync();
        Assert.Equal("image/jpeg", part!.ContentType);
        using var picture = new MemoryStream();
        await part.Body.CopyToAsync(picture);
        return JpegFeed.NumberOf(picture.ToArray());
    }
}
