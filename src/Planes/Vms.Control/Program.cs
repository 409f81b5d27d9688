using Vms.Control;
using Vms.Hosting;

return await PlaneMain.RunAsync("control", async () =>
{
    await using var app = ControlApp.Build(args);
    await app.RunAsync();
});
