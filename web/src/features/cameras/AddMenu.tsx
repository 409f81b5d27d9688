import { ChevronDown, Download, FileUp, HardDrive, Link2, Plus, Radar } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Link } from "react-router";
import { toast } from "sonner";
import { downloadList } from "@/api/cameraLists";
import { useMay } from "@/api/useMe";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

const item =
  "flex h-10 cursor-pointer items-center gap-2 rounded-md px-3 outline-none max-md:h-11 data-highlighted:bg-line [&_svg]:size-4";

/** The ways in which cameras come here, and the list of them as a file. */
export function AddMenu({ onAdd, onImport }: { onAdd: () => void; onImport: () => void }) {
  const may = useMay();
  const download = () => void downloadList().catch((e: Error) => toast.error(e.message));
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button variant="primary" className="max-md:h-11">
          <Plus /> {words.addCameras} <ChevronDown />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="bg-raised z-30 min-w-60 rounded-lg border p-1 shadow-2xl"
        >
          {may("devices.discover") && (
            <DropdownMenu.Item className={item} asChild>
              <Link to="/cameras/find">
                <Radar /> {words.findInNetwork}
              </Link>
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item className={item} onSelect={onAdd}>
            <Link2 /> {words.byStreamAddress}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} asChild>
            <Link to="/cameras/recorders">
              <HardDrive /> {words.fromRecorder}
            </Link>
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={onImport}>
            <FileUp /> {words.fromList}
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="bg-line my-1 h-px" />
          <DropdownMenu.Item className={item} onSelect={download}>
            <Download /> {words.downloadList}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
