using Vms.Hosting;
using Vms.Media;

return await PlaneMain.RunAsync("media", async () =>
{
    await using var app = MediaApp.Build(args);
    await app.RunAsync();
});
